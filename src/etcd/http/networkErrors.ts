import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';

export interface TimeLimits {
  /** Milliseconds for each of name look-up, TCP connect and TLS handshake. */
  readonly connect: number;
  /** Milliseconds from the sent request to the answer's first byte ("header timeout per request"). */
  readonly response: number;
}

/** What of a thrown value tells what happened; of got's errors `event` is the phase that ran out of time. */
interface NodeError {
  readonly code: string;
  readonly message: string;
  readonly event: unknown;
  readonly syscall: unknown;
  /** The names of the certificate that was refused, as OpenSSL writes them. */
  readonly certificateNames: string | undefined;
  readonly thrown: unknown;
}

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);
const CLIENT_CERTIFICATE_ALERT = /ALERT_(BAD_CERTIFICATE|CERTIFICATE_REQUIRED|CERTIFICATE_EXPIRED|UNKNOWN_CA)/;
const CLIENT_CERTIFICATE_ALERT_NUMBER = /SSL alert number (40|42|45|48|116)\b/;

/** The last is got's, of an answer that ends before its end. */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH']);
/** What got says, without a code of its own, of a stream that closed before its answer, or while a body was being sent. */
const STREAM_ENDED = /stream has been early terminated|aborted the HTTP\/2 stream/;

/** The server had ended the HTTP/2 session before the request began. */
const SESSION_ENDED = new Set(['ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION']);

/** Turns what got or Node threw for a request to `endpoint` into an EtcdError. */
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
  if (UNKNOWN_AUTHORITY.has(code))
    return new EtcdError(
      'unknownAuthority',
      l10n.t(
        'The certificate of {0} is not signed by an authority that this connection trusts. Set "caFile" to the PEM file of the certificate (or of its authority).',
        host,
      ),
      cause,
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongHostName(error, hostname);
  if (code === 'CERT_HAS_EXPIRED')
    return new EtcdError(
      'certificateExpired',
      l10n.t('The certificate of {0} has expired. Renew it on the server.', host),
      cause,
    );
  if (code === 'CERT_NOT_YET_VALID')
    return new EtcdError(
      'certificateExpired',
      l10n.t('The certificate of {0} is not valid yet. Check the clocks of this machine and of the server.', host),
      cause,
    );
  if (CLIENT_CERTIFICATE_ALERT.test(code) || CLIENT_CERTIFICATE_ALERT_NUMBER.test(error.message))
    return new EtcdError(
      'clientCertificateRefused',
      l10n.t('{0} asks for a client certificate and did not accept what this connection offers.', host),
      cause,
    );
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code.startsWith('ERR_OSSL_'))
    return new EtcdError('tlsFailed', l10n.t('TLS with {0} failed ({1}).', host, code), cause);
  if (LOST.has(code) || code.startsWith('ERR_HTTP2_') || STREAM_ENDED.test(error.message))
    return new EtcdError(
      'connectionLost',
      l10n.t('The connection to {0} was lost before an answer came. Try again.', host),
      {
        ...cause,
        notCarriedOut: SESSION_ENDED.has(code),
      },
    );
  if (error.message.includes('Failed to establish a socket connection to proxies'))
    return new EtcdError(
      'refused',
      l10n.t(
        'The proxy of VS Code does not connect to {0}. Check the setting "http.proxy", or add the host to "http.noProxy".',
        host,
      ),
      { ...cause, notCarriedOut: true },
    );
  return new EtcdError('unexpected', l10n.t('The request to {0} failed ({1}).', host, code || 'unknown error'), cause);
}

function timedOut(error: NodeError, host: string, limits: TimeLimits): EtcdError {
  const connected =
    error.event === 'response' || error.event === 'send' || (!error.event && error.syscall !== 'connect');
  if (connected)
    return new EtcdError(
      'timedOut',
      l10n.t(
        '{0} took the request and sent no answer within {1} s. The server may be overloaded.',
        host,
        limits.response / 1000,
      ),
      { cause: error.thrown },
    );
  return new EtcdError(
    'timedOut',
    l10n.t(
      'No connection to {0} within {1} s. Check the address, the firewall and the VPN.',
      host,
      limits.connect / 1000,
    ),
    { cause: error.thrown, notCarriedOut: true },
  );
}

function wrongHostName(error: NodeError, hostname: string): EtcdError {
  const names = error.certificateNames;
  const message = names
    ? l10n.t(
        'The certificate is for {0}, not for {1}. Use one of these names in the endpoint, or set "serverName" to it.',
        names,
        hostname,
      )
    : l10n.t(
        'The certificate names no host, so it does not prove to be {0}. Set "serverName" to the name that it was made for.',
        hostname,
      );
  return new EtcdError('wrongHostName', message, { cause: error.thrown });
}

function readNodeError(thrown: unknown): NodeError {
  const { code, message, event, syscall, cause } = unknownFields(thrown);
  const { cert } = { ...unknownFields(cause), ...unknownFields(thrown) };
  const { subjectaltname, subject } = unknownFields(cert);
  const { CN } = unknownFields(subject);
  const names = typeof subjectaltname === 'string' ? subjectaltname.replaceAll(/\b(DNS|IP Address|URI):/g, '') : CN;
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    event,
    syscall,
    certificateNames: typeof names === 'string' && names !== '' ? names : undefined,
    thrown,
  };
}
