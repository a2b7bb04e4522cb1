import { EtcdError } from '../../etcd/errors.ts';

/** The same obstacle, where the user was asked to remove it and declined: that is no failure. */
export function declined(obstacle: EtcdError): EtcdError {
  return new EtcdError('cancelled', obstacle.message, { cause: obstacle });
}

/** Returns why nothing was done: where the user declined, what the question was about. */
export function obstacleOf(error: EtcdError): EtcdError {
  return error.kind === 'cancelled' && error.cause instanceof EtcdError ? error.cause : error;
}
