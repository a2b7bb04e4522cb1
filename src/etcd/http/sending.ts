import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { EtcdError } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';

// See docs/contributing/decisions/writes.md

/**
 * How far one request has come, which alone says whether a failed request may have been carried out. Node writes a
 * request as soon as its connection is open, and with TLS as soon as the server's certificate is accepted.
 */
export class Sending {
  #hasBegun = false;
  #isFirst = false;

  /** Starts following a request; call before it has its socket. */
  follow(request: ClientRequest): void {
    request.once('socket', (socket) => {
      this.#isFirst = !request.reusedSocket;
      const opened = request.reusedSocket ? undefined : openingEvent(socket);
      if (opened === undefined) this.#hasBegun = true;
      else socket.once(opened, () => (this.#hasBegun = true));
    });
  }

  /** Adds to the request's failure whether it may have been carried out. */
  judge(error: EtcdError): unknown {
    return this.#reachedNobody(error) ? EtcdError.notCarriedOut(error) : error;
  }

  #reachedNobody({ kind }: EtcdError): boolean {
    if (!this.#hasBegun) return true;
    // With TLS 1.3, the client already sends while the server checks the client's certificate, but the server reads
    // nothing before.
    return this.#isFirst && kind === 'clientCertificateRefused';
  }
}

/** Returns the event with which the socket becomes ready to send; undefined if it is ready. */
function openingEvent(socket: Socket): 'connect' | 'secureConnect' | undefined {
  if (socket instanceof TLSSocket)
    return unknownFields(socket)['secureConnecting'] === true ? 'secureConnect' : undefined;
  return socket.connecting ? 'connect' : undefined;
}
