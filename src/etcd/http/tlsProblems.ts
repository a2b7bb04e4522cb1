import { unknownFields } from '../unknownFields.ts';

/** What kept TLS from being set up, whichever library reports it. */
export type TlsProblem =
  // the server's certificate, as this side verifies it
  | 'untrusted'
  | 'expired'
  | 'notYetValid'
  | 'badSignature'
  | 'wrongUse'
  | 'wrongName'
  | 'revoked'
  | 'weakKey'
  | 'weakDigest'
  | 'outsideConstraints'
  | 'unreadable'
  // the client's certificate, as the server's alert says
  | 'clientRequired'
  | 'clientRefused'
  | 'clientExpired'
  | 'clientRevoked'
  | 'clientUntrusted'
  | 'clientUnsupported'
  | 'clientWeak'
  // the handshake itself
  | 'notTls'
  | 'protocolVersion'
  | 'nothingShared'
  | 'weakExchange'
  | 'unknownName'
  | 'noProtocol'
  | 'serverFault'
  | 'other';

/** Results of OpenSSL's verification; Node and BoringSSL use the same names. */
const VERIFICATION: Readonly<Record<string, TlsProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  CERT_UNTRUSTED: 'untrusted',
  CERT_REJECTED: 'untrusted',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'notYetValid',
  CERT_SIGNATURE_FAILURE: 'badSignature',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'badSignature',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'badSignature',
  INVALID_CA: 'wrongUse',
  INVALID_PURPOSE: 'wrongUse',
  PATH_LENGTH_EXCEEDED: 'wrongUse',
  CERT_CHAIN_TOO_LONG: 'wrongUse',
  HOSTNAME_MISMATCH: 'wrongName',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrongName',
  ERR_TLS_CERT_ALTNAME_FORMAT: 'wrongName',
  CERT_REVOKED: 'revoked',
  UNABLE_TO_GET_CRL: 'revoked',
  CRL_SIGNATURE_FAILURE: 'revoked',
  CRL_NOT_YET_VALID: 'revoked',
  CRL_HAS_EXPIRED: 'revoked',
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: 'revoked',
  ERROR_IN_CRL_LAST_UPDATE_FIELD: 'revoked',
  ERROR_IN_CRL_NEXT_UPDATE_FIELD: 'revoked',
  OUT_OF_MEM: 'other',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'unreadable',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'unreadable',
};

/** OpenSSL's texts for results that Node knows only as UNSPECIFIED. */
const UNSPECIFIED: readonly (readonly [RegExp, TlsProblem])[] = [
  [/key too (weak|small)/i, 'weakKey'],
  [/(md|digest algorithm) too weak/i, 'weakDigest'],
  [/(permitted|excluded) (subtree|.*violation)|name constraint|constraint/i, 'outsideConstraints'],
  [/purpose|not valid for|pathlen|CA certificate|path length/i, 'wrongUse'],
  [/hostname mismatch|IP address mismatch|Email address mismatch/i, 'wrongName'],
  [/expired/i, 'expired'],
  [/not (yet|known)/i, 'notYetValid'],
];

/** Alerts of RFC 8446, by number and by their names in the codes of OpenSSL and BoringSSL. */
const ALERTS: readonly (readonly [number, RegExp, TlsProblem])[] = [
  [40, /HANDSHAKE_FAILURE/, 'nothingShared'],
  [71, /INSUFFICIENT_SECURITY/, 'nothingShared'],
  [70, /PROTOCOL_VERSION|INAPPROPRIATE_FALLBACK/, 'protocolVersion'],
  [86, /INAPPROPRIATE_FALLBACK/, 'protocolVersion'],
  [116, /CERTIFICATE_REQUIRED/, 'clientRequired'],
  [41, /NO_CERTIFICATE/, 'clientRequired'],
  [42, /BAD_CERTIFICATE/, 'clientRefused'],
  [46, /CERTIFICATE_UNKNOWN/, 'clientRefused'],
  [49, /ACCESS_DENIED/, 'clientRefused'],
  [51, /DECRYPT_ERROR/, 'clientRefused'],
  [43, /UNSUPPORTED_CERTIFICATE/, 'clientUnsupported'],
  [44, /CERTIFICATE_REVOKED/, 'clientRevoked'],
  [45, /CERTIFICATE_EXPIRED/, 'clientExpired'],
  [48, /UNKNOWN_CA/, 'clientUntrusted'],
  [112, /UNRECOGNIZED_NAME/, 'unknownName'],
  [120, /NO_APPLICATION_PROTOCOL/, 'noProtocol'],
  [80, /INTERNAL_ERROR/, 'serverFault'],
];

/** Failures that this side's TLS library reports itself, by the end of its codes. */
const LIBRARY: readonly (readonly [RegExp, TlsProblem])[] = [
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_TOO_(LARGE|SMALL)|HTTP_REQUEST|HTTPS_PROXY_REQUEST|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|UNEXPECTED_RECORD|UNEXPECTED_MESSAGE|BAD_PACKET_LENGTH/,
    'notTls',
  ],
  [
    /UNSUPPORTED_PROTOCOL|UNSUPPORTED_SSL_VERSION|VERSION_TOO_(LOW|HIGH)|NO_PROTOCOLS_AVAILABLE|NO_SUPPORTED_VERSIONS_ENABLED/,
    'protocolVersion',
  ],
  [/DH_KEY_TOO_SMALL|BAD_DH_P_LENGTH|LEGACY_SIGALG|WRONG_SIGNATURE_TYPE|UNSAFE_LEGACY_RENEGOTIATION/, 'weakExchange'],
  [
    /NO_SHARED_(CIPHER|GROUP)|NO_CIPHERS_AVAILABLE|WRONG_CURVE|WRONG_CIPHER|NO_SUITABLE_(KEY_SHARE|SIGNATURE_ALGORITHM)|NO_COMMON_SIGNATURE/,
    'nothingShared',
  ],
  [/(EE|CA)_KEY_TOO_SMALL|CA_MD_TOO_WEAK|KEY_TOO_(WEAK|SMALL)/, 'clientWeak'],
];

/** Returns the problem that a thrown value reports; undefined if it is not about TLS. */
export function tlsProblem(thrown: unknown): TlsProblem | undefined {
  const { code, message } = unknownFields(thrown);
  const name = typeof code === 'string' ? code : '';
  const words = typeof message === 'string' ? message : '';
  const verified = VERIFICATION[name];
  if (verified) return verified;
  if (name === 'UNSPECIFIED') return UNSPECIFIED.find(([pattern]) => pattern.test(words))?.[1] ?? 'other';
  if (!/^(EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL_)/.test(name)) return undefined;
  return (
    alertOf(name, words) ?? LIBRARY.find(([pattern]) => pattern.test(`${name} ${underscored(words)}`))?.[1] ?? 'other'
  );
}

/** Returns the TLS library's name for a failure, such as `unexpected message`; undefined if it has none. */
export function libraryWords(thrown: unknown): string | undefined {
  const { code, message, cause } = unknownFields(thrown);
  const reason = unknownFields(thrown)['reason'] ?? unknownFields(cause)['reason'];
  if (typeof reason === 'string' && reason !== '') return reason;
  const [, written] = /^(?:ERR_SSL_|ERR_OSSL_|ERR_TLS_)(.+)$/.exec(String(code)) ?? [];
  if (written !== undefined) return written.replaceAll('_', ' ').toLowerCase();
  return typeof message === 'string' && message !== '' ? message.split(/[\r\n]/)[0]?.slice(0, 120) : undefined;
}

function alertOf(code: string, message: string): TlsProblem | undefined {
  const [, number] = /SSL alert number (\d+)/.exec(message) ?? [];
  if (number !== undefined) return ALERTS.find(([each]) => each === Number(number))?.[2];
  // BoringSSL leaves the word ALERT out of some names.
  if (!/ALERT|^ERR_SSL_(SSLV3|TLSV1|TLSV13)_/.test(code)) return undefined;
  return ALERTS.find(([, pattern]) => pattern.test(code))?.[2];
}

function underscored(message: string): string {
  return message.slice(0, 300).toUpperCase().replaceAll(' ', '_');
}
