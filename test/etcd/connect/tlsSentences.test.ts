import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { EtcdError, type EtcdErrorKind } from '../../../src/etcd/errors.ts';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import type { ClientCertificate, TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import {
  authority as createAuthority,
  selfSigned,
  type Authority,
  type CertificateOptions,
  type Identity,
} from '../../fixtures/certificates.ts';
import { startEtcd } from '../../fixtures/etcdServer.ts';
import { settingsFor } from '../connecting.ts';

const HERE = { commonName: 'etcd', names: ['127.0.0.1'] };
const PAST = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
const FUTURE = { notBefore: new Date('2090-01-01'), notAfter: new Date('2091-01-01') };

type Outcome = readonly [kind: EtcdErrorKind, sentence: RegExp];

interface Refusal {
  readonly what: string;
  readonly server: () => Promise<Identity & TlsOptions>;
  readonly trusting?: () => TlsIdentity;
  /** Whether only HTTP/2 fails. */
  readonly http2Only?: true;
  readonly outcome: Outcome;
}

describe('sentences about TLS', () => {
  const listeners: Server[] = [];
  let ours: Authority;
  let namesake: Authority;
  let outdated: Authority;
  let early: Authority;
  let between: Authority;
  let sha1: Authority;
  let weakClient: ClientCertificate;

  before(async () => {
    ours = await createAuthority('ours');
    namesake = await createAuthority('ours');
    outdated = await createAuthority('outdated', { validity: PAST });
    early = await createAuthority('early', { validity: FUTURE });
    between = await ours.intermediate('between');
    sha1 = await createAuthority('sha1', { rsa: { digest: 'SHA-1' } });
    const { certPem, keyPem } = await selfSigned({ commonName: 'alice', rsa: { bits: 1024 } });
    weakClient = { certificate: certPem, key: keyPem };
  });
  after(() => {
    for (const listener of listeners) listener.close();
  });

  async function listen(server: Server): Promise<string> {
    listeners.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Checks that these transports, by default both, fail alike. */
  async function fails(
    endpoint: string,
    tls: TlsIdentity,
    [kind, sentence]: Outcome,
    transports: readonly (typeof HttpClient | typeof Http2Client)[] = [HttpClient, Http2Client],
  ): Promise<void> {
    const settings = settingsFor(endpoint, { tls, limits: { connect: 2000, response: 2000 } });
    for (const Transport of transports) {
      const client = new Transport(settings);
      const failure = await client
        .send({ method: 'GET', path: '/version', repeatable: true })
        .catch((error: unknown) => error);
      client.close();
      assert.ok(EtcdError.is(failure), String(failure));
      assert.match(failure.message, sentence);
      assert.doesNotMatch(failure.message, /[A-Z]{2,}_[A-Z_]+/, 'a code is no sentence');
      assert.equal(failure.kind, kind);
      assert.ok(failure.notCarriedOut);
    }
  }

  const trust = (...identities: readonly Identity[]): TlsIdentity => ({
    certificateAuthorities: identities.map(({ certPem }) => certPem),
  });
  const alone = ({ certPem, keyPem }: Identity): Identity => ({
    certPem: certPem.split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? '',
    keyPem,
  });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  const refusals: readonly Refusal[] = [
    {
      what: 'a certificate that signs itself',
      server: () => selfSigned(HERE),
      outcome: ['unknownAuthority', /The certificate of 127\.0\.0\.1:\d+ \(etcd\) signs itself.*"caFile"/],
    },
    {
      what: 'a certificate of an authority that is sent along',
      server: async () => {
        const leaf = await ours.issue(HERE);
        return { ...leaf, certPem: leaf.certPem + ours.certPem };
      },
      outcome: ['unknownAuthority', /is signed by the authority ours, which this connection does not trust/],
    },
    {
      what: 'a certificate of an authority that is not sent',
      server: async () => alone(await between.issue(HERE)),
      trusting: () => trust(ours),
      outcome: [
        'unknownAuthority',
        /is signed by between, whose certificate is neither trusted .* nor sent by the server/,
      ],
    },
    {
      what: 'a certificate that an authority of the same name signed',
      server: () => namesake.issue(HERE),
      trusting: () => trust(ours),
      outcome: [
        'tlsFailed',
        /signature .* \(server certificate etcd, issued by ours\) does not match the key of its authority: "caFile" names/,
      ],
    },
    {
      what: 'an expired certificate',
      server: () => ours.issue({ ...HERE, ...PAST }),
      trusting: () => trust(ours),
      outcome: ['certificateExpired', /The certificate of 127\.0\.0\.1:\d+ expired on 2021-01-01/],
    },
    {
      what: 'an expired authority',
      server: () => outdated.issue(HERE),
      trusting: () => trust(outdated),
      outcome: [
        'certificateExpired',
        /certificate of the authority outdated, .* expired on 2021-01-01\. Renew the authority/,
      ],
    },
    {
      what: 'a certificate of tomorrow',
      server: () => ours.issue({ ...HERE, ...FUTURE }),
      trusting: () => trust(ours),
      outcome: ['certificateExpired', /The certificate of 127\.0\.0\.1:\d+ is not valid before 2090-01-01/],
    },
    {
      what: 'an authority of tomorrow',
      server: () => early.issue(HERE),
      trusting: () => trust(early),
      outcome: ['certificateExpired', /certificate of the authority early, .* is not valid before 2090-01-01/],
    },
    {
      what: 'a certificate for another host',
      server: () => ours.issue({ commonName: 'etcd', names: ['etcd.example', '10.1.2.3'] }),
      trusting: () => trust(ours),
      outcome: ['wrongHostName', /is for etcd\.example, 10\.1\.2\.3, not for 127\.0\.0\.1\. Use one/],
    },
    {
      what: 'a certificate for another name than "serverName"',
      server: () => ours.issue(HERE),
      trusting: () => ({ ...trust(ours), serverName: 'etcd.internal' }),
      outcome: ['wrongHostName', /is for 127\.0\.0\.1, not for etcd\.internal, which "serverName" expects/],
    },
    {
      what: 'a certificate with a short key',
      server: () => selfSigned({ ...HERE, rsa: { bits: 1024 } }),
      outcome: ['tlsFailed', /\(server certificate etcd\) is too short to be safe: RSA, 1024 bits\./],
    },
    {
      what: 'a certificate that is signed with SHA-1',
      server: () => sha1.issue({ ...HERE, rsa: true }),
      trusting: () => trust(sha1),
      outcome: [
        'tlsFailed',
        /\(server certificate etcd, issued by sha1\) is signed with a digest that is no longer safe/,
      ],
    },
    {
      what: 'a certificate for clients',
      server: () => ours.issue({ ...HERE, purposes: ['clientAuth'] }),
      trusting: () => trust(ours),
      outcome: ['tlsFailed', /\(server certificate etcd, issued by ours\) is used for what it was not made for/],
    },
    {
      what: 'an issuer that is no authority',
      server: async () => {
        const limits = { isAuthority: false, statesUsage: false };
        return await (await ours.intermediate('a leaf', { limits })).issue(HERE);
      },
      trusting: () => trust(ours),
      outcome: ['tlsFailed', /\(authority a leaf\) is used for what it was not made for/],
    },
    {
      what: 'more authorities than one of them allows',
      server: async () => {
        const last = await ours.intermediate('last', { limits: { pathLength: 0 } });
        const leaf = await (await last.intermediate('below', {})).issue(HERE);
        return { ...leaf, certPem: leaf.certPem + last.certPem };
      },
      trusting: () => trust(ours),
      outcome: ['tlsFailed', /authority below; authority last; authority ours\) .*: path length constraint exceeded/],
    },
    {
      what: 'a name that an authority may not sign',
      server: async () =>
        (await ours.intermediate('narrow', { limits: { permittedDomain: 'example.com' } })).issue({
          commonName: 'etcd',
          names: ['etcd.internal'],
        }),
      trusting: () => trust(ours),
      outcome: ['tlsFailed', /authority narrow; .* is for etcd\.internal, which an authority above it may not sign/],
    },
    {
      what: 'other protocols than HTTP only',
      server: async () => ({ ...(await ours.issue(HERE)), ALPNProtocols: ['imap'] }),
      trusting: () => trust(ours),
      // HTTP/1.1 is what a client speaks that asks for no protocol.
      http2Only: true,
      outcome: ['tlsFailed', /speaks TLS, but none of the HTTP versions that etcd speaks/],
    },
    {
      what: 'a client certificate with a short key',
      server: () => ours.issue(HERE),
      trusting: () => ({ ...trust(ours), client: weakClient }),
      outcome: ['tlsFailed', /The client certificate alice is too weak to be used: ee key too small\./],
    },
    {
      what: 'old TLS only',
      server: async () => ({ ...(await ours.issue(HERE)), ...old }),
      trusting: () => trust(ours),
      outcome: ['tlsFailed', /share no TLS version: this client speaks TLS 1\.2 and 1\.3/],
    },
    {
      what: 'cipher suites that nobody else has',
      server: async () => ({ ...(await ours.issue(HERE)), maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-CBC-SHA' }),
      trusting: () => trust(ours),
      outcome: [
        'tlsFailed',
        /shares no cipher suite or key type with this client, or it requires a client certificate/,
      ],
    },
  ];

  for (const { what, server, trusting = () => ({}), http2Only, outcome } of refusals)
    it(`of ${what}`, async () => {
      const { certPem, keyPem, ...options } = await server();
      const listener = createTlsServer({
        // The server itself must not refuse weak settings.
        ciphers: 'DEFAULT@SECLEVEL=0',
        ALPNProtocols: ['h2', 'http/1.1'],
        ...options,
        cert: certPem,
        key: keyPem,
      });
      listener.on('secureConnection', (socket) => socket.on('error', () => undefined));
      listener.on('tlsClientError', () => undefined);
      const endpoint = `https://${await listen(listener)}`;
      await fails(endpoint, trusting(), outcome, http2Only && [Http2Client]);
    });

  // Node's servers do not send these alerts.
  for (const [alert, sentence] of [
    [112, /has no certificate for the name that was asked for/],
    [80, /ended the TLS handshake because of a fault of its own/],
  ] as const)
    it(`of a server that ends the handshake with alert ${alert}`, async () => {
      const address = await listen(
        createServer((socket) => {
          socket.on('error', () => undefined);
          socket.on('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
        }),
      );
      await fails(`https://${address}`, {}, ['tlsFailed', sentence]);
    });

  it('of a server that speaks neither TLS nor HTTP', async () => {
    for (const [greeting, reply] of [
      ['SSH-2.0-OpenSSH_9.2\r\n', ''],
      ['', "-ERR unknown command 'GET'\r\n"],
      ['', '\u0000\u0001\u0002 garbage'],
    ] as const) {
      const address = await listen(
        createServer((socket) => {
          socket.on('error', () => undefined);
          socket.write(greeting);
          socket.on('data', () => socket.end(reply));
        }),
      );
      await fails(`https://${address}`, {}, ['tlsFailed', /answers, but does not speak TLS/]);
      const http = new HttpClient(settingsFor(`http://${address}`));
      const failure = await http
        .send({ method: 'GET', path: '/version', repeatable: true })
        .catch((error: unknown) => error);
      http.close();
      assert.ok(EtcdError.is(failure, 'notEtcd'), String(failure));
      assert.match(failure.message, /does not speak HTTP as etcd does: another service listens there/);
    }
  });

  for (const version of ['1.2', '1.3'])
    it(`of a client certificate that etcd does not accept, by TLS ${version}`, async () => {
      const extraArgs = version === '1.2' ? ['--tls-max-version', 'TLS1.2'] : [];
      const server = await startEtcd({ tls: await ours.issue(HERE), clientAuthority: ours, version: '3.5', extraArgs });
      const shown = async (issuer: Authority, options: Partial<CertificateOptions> = {}): Promise<TlsIdentity> => {
        const { certPem, keyPem } = await issuer.issue({ commonName: 'alice', purposes: ['clientAuth'], ...options });
        return { ...trust(ours), client: { certificate: certPem, key: keyPem } };
      };
      const refused = 'clientCertificateRefused';
      try {
        await fails(server.endpoint, trust(ours), [
          refused,
          /requires a client certificate, and this connection shows none/,
        ]);
        await fails(server.endpoint, await shown(ours, PAST), [
          refused,
          /client certificate alice: it expired on 2021-01-01/,
        ]);
        await fails(server.endpoint, await shown(ours, FUTURE), [refused, /alice: it is not valid before 2090-01-01/]);
        await fails(server.endpoint, await shown(await createAuthority('theirs')), [
          refused,
          /alice, which theirs issued/,
        ]);
        await fails(server.endpoint, await shown(ours, { purposes: ['serverAuth'] }), [
          refused,
          /alice: it is not made for client authentication/,
        ]);
      } finally {
        await server.stop();
      }
    });
});
