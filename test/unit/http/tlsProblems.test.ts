import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { tlsError } from '../../../src/etcd/http/tlsErrors.ts';
import { tlsProblem, type TlsProblem } from '../../../src/etcd/http/tlsProblems.ts';
import { authority as createAuthority } from '../../fixtures/certificates.ts';

/** Codes and messages of Node with OpenSSL, and of Electron's Node with BoringSSL. */
const REPORTED: readonly (readonly [code: string, message: string, problem: TlsProblem])[] = [
  ['CERT_REVOKED', 'certificate revoked', 'revoked'],
  ['CRL_HAS_EXPIRED', 'CRL has expired', 'revoked'],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', "unable to decrypt CRL's signature", 'revoked'],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', "format error in CRL's lastUpdate field", 'revoked'],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', "format error in CRL's nextUpdate field", 'revoked'],
  ['OUT_OF_MEM', 'out of memory', 'other'],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', "format error in certificate's notAfter field", 'unreadable'],
  ['CERT_UNTRUSTED', 'certificate not trusted', 'untrusted'],
  ['CERT_REJECTED', 'certificate rejected', 'untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'path length constraint exceeded', 'wrongUse'],
  ['UNSPECIFIED', 'EE certificate key too weak', 'weakKey'],
  ['UNSPECIFIED', 'CA certificate key too weak', 'weakKey'],
  ['UNSPECIFIED', 'CA signature digest algorithm too weak', 'weakDigest'],
  ['UNSPECIFIED', 'permitted subtree violation', 'outsideConstraints'],
  ['UNSPECIFIED', 'IP address mismatch', 'wrongName'],
  ['UNSPECIFIED', 'something of tomorrow', 'other'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'x:SSL alert number 116\n', 'clientRequired'],
  ['ERR_SSL_TLSV1_CERTIFICATE_REQUIRED', 'x:TLSV1_CERTIFICATE_REQUIRED', 'clientRequired'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'x:TLSV1_ALERT_UNKNOWN_CA', 'clientUntrusted'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'x:SSL alert number 45\n', 'clientExpired'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'x', 'clientRevoked'],
  ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', 'x', 'clientUnsupported'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'x', 'clientRefused'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'x:SSL alert number 40\n', 'nothingShared'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'x', 'nothingShared'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'x:SSL alert number 70\n', 'protocolVersion'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'x', 'protocolVersion'],
  ['ERR_SSL_DH_KEY_TOO_SMALL', 'x', 'weakExchange'],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'x', 'unknownName'],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'x:SSL alert number 120\n', 'noProtocol'],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'x:SSL alert number 80\n', 'serverFault'],
  ['ERR_SSL_EE_KEY_TOO_SMALL', 'x', 'clientWeak'],
  ['EPROTO', 'write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number', 'notTls'],
  ['EPROTO', 'x:SSLV3_ALERT_HANDSHAKE_FAILURE:SSL alert number 40', 'nothingShared'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'x', 'notTls'],
  ['ERR_SSL_SOMETHING_OF_TOMORROW', 'x', 'other'],
];

/** Problems whose sentences name a certificate; `clientRequired` is that there is none. */
const ABOUT_CERTIFICATES =
  /^(untrusted|badSignature|wrongUse|wrongName|revoked|weakKey|weakDigest|outsideConstraints|unreadable|client(?!Required).*)$/;

describe('a problem of TLS', () => {
  const endpoint = new URL('https://etcd.example:2379');

  for (const [code, message, problem] of REPORTED)
    it(`is told by ${code} (${message.trim()}), in words`, () => {
      const thrown = Object.assign(new Error(message), { code });
      assert.equal(tlsProblem(thrown), problem);
      const sentence = tlsError(thrown, endpoint)?.message ?? '';
      assert.match(sentence, /^[A-Z{e].*\.$/);
      assert.doesNotMatch(sentence, /[A-Z]{2,}_[A-Z]+|UNSPECIFIED/);
    });

  it('names the certificates that it is about', async () => {
    const authority = await createAuthority('our authority');
    const leaf = new X509Certificate((await authority.issue({ commonName: 'our server' })).certPem);
    const client = new X509Certificate((await authority.issue({ commonName: 'our client' })).certPem);
    const shown = [leaf, new X509Certificate(authority.certPem)] as const;
    const facts = { identity: { client: { pfx: Uint8Array.of() } }, shown, client };
    for (const [code, message, problem] of REPORTED) {
      if (!ABOUT_CERTIFICATES.test(problem)) continue;
      const thrown = Object.assign(new Error(message), { code });
      const whose = problem.startsWith('client') ? /our client/ : /our (server|authority)/;
      assert.match(tlsError(thrown, endpoint, facts)?.message ?? '', whose, code);
    }
  });

  it('is none of a network that fails', () => {
    for (const code of ['ECONNRESET', 'ETIMEDOUT', 'ECONNREFUSED', 'HPE_INVALID_CONSTANT', ''])
      assert.equal(tlsProblem(Object.assign(new Error('failed'), { code })), undefined);
    assert.equal(tlsProblem(undefined), undefined);
  });
});
