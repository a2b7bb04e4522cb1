import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';
import { tlsError } from './tlsErrors.ts';
import { libraryWords } from './tlsProblems.ts';

export interface TimeLimits {
  /** Milliseconds for each of name lookup, TCP connect and TLS handshake. */
  readonly connect: number;
  /** Milliseconds from the sent request to the answer's first byte ("header timeout per request"). */
  readonly response: number;
}

/** The parts of a thrown value that say what happened. In got's errors, `event` is the phase that timed out. */
interface NodeError {
  readonly code: string;
  readonly message: string;
  readonly event: unknown;
  readonly syscall: unknown;
  readonly thrown: unknown;
}

/** Codes of Node's HTTP parser for an answer that is not HTTP. */
const NOT_HTTP = /^HPE_(?!INVALID_EOF_STATE)/;

/** Codes of a lost connection. The last is got's, for an answer that ends early. */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH']);

/**
 * Converts what got or Node threw for a request to `endpoint`. The code gives the kind, but not whether the request may
 * have been carried out, because each code also occurs on an open connection; the sender adds that.
 */
export function networkError(thrown: unknown, endpoint: URL, limits: TimeLimits): EtcdError {
  if (EtcdError.is(thrown)) return thrown;
  const { cause: inner } = unknownFields(thrown);
  if (EtcdError.is(inner)) return inner;
  const error = readNodeError(thrown);
  const cause = { cause: thrown };
  const { host, hostname } = endpoint;
  const { code } = error;
  if (code === 'ERR_ABORTED' || code === 'ABORT_ERR') return new EtcdError('cancelled', l10n.t('Cancelled.'), cause);
  if (code === 'ECONNREFUSED')
    return new EtcdError(
      'refused',
      l10n.t(
        'Nothing answers at {0} (connection refused). Check that etcd runs there and that the port is right.',
        host,
      ),
      cause,
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new EtcdError(
      'unresolved',
      l10n.t('The host name {0} cannot be resolved. Check its spelling, the DNS and the VPN.', hostname),
      cause,
    );
  if (code === 'ETIMEDOUT') return timedOut(error, host, limits);
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'].includes(code))
    return new EtcdError(
      'refused',
      l10n.t('There is no route to {0}. Check the address, the network and the VPN.', host),
      cause,
    );
  const tls = tlsError(thrown, endpoint);
  if (tls) return tls;
  if (isNotHttp(thrown))
    return new EtcdError(
      'notEtcd',
      l10n.t('{0} answers, but does not speak HTTP as etcd does: another service listens there. Check the port.', host),
      cause,
    );
  if (LOST.has(code) || code.startsWith('ERR_HTTP2_'))
    return new EtcdError(
      'connectionLost',
      l10n.t('The connection to {0} was lost before an answer came. Try again.', host),
      cause,
    );
  if (error.message.includes('Failed to establish a socket connection to proxies'))
    return new EtcdError(
      'refused',
      l10n.t(
        'The proxy of VS Code does not connect to {0}. Check the setting "http.proxy", or add the host to "http.noProxy".',
        host,
      ),
      cause,
    );
  return new EtcdError(
    'unexpected',
    l10n.t(
      'The request to {0} failed: {1}. Run Diagnose Connection to see which step fails.',
      host,
      libraryWords(thrown) ?? l10n.t('no reason given'),
    ),
    cause,
  );
}

/** Whether the answer was not HTTP. */
export function isNotHttp(thrown: unknown): boolean {
  return NOT_HTTP.test(readNodeError(thrown).code);
}

function timedOut(error: NodeError, host: string, limits: TimeLimits): EtcdError {
  const connected =
    error.event === 'response' || error.event === 'send' || (!error.event && error.syscall !== 'connect');
  if (connected)
    return new EtcdError(
      'timedOut',
      l10n.t(
        '{0} accepted the request but did not answer within {1} s. The server may be overloaded.',
        host,
        seconds(limits.response),
      ),
      { cause: error.thrown },
    );
  return new EtcdError(
    'timedOut',
    l10n.t(
      'No connection to {0} within {1} s. Check the address, the firewall and the VPN.',
      host,
      seconds(limits.connect),
    ),
    { cause: error.thrown },
  );
}

/** Rounds milliseconds to seconds with one decimal. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

function readNodeError(thrown: unknown): NodeError {
  const { code, message, event, syscall } = unknownFields(thrown);
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    event,
    syscall,
    thrown,
  };
}
