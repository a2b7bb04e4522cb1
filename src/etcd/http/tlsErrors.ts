import { X509Certificate } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';
import {
  certificateNames,
  decidingCertificates,
  firstDay,
  hasExpired,
  hasShortKey,
  hasUnreadableDates,
  hasWeakSignature,
  isNotYetValid,
  isSelfIssued,
  issuerName,
  lastDay,
  mayIdentifyClients,
  mayIdentifyServers,
  subjectName,
} from './certificateFacts.ts';
import type { ServerCertificates } from './serverCertificate.ts';
import type { TlsIdentity } from './tlsIdentity.ts';
import { libraryWords, tlsProblem, type TlsProblem } from './tlsProblems.ts';

/** Facts about a failed handshake beyond the failure itself. */
export interface TlsFacts {
  readonly identity: TlsIdentity;
  /** The server's certificates; undefined if they could not be read. */
  readonly shown: ServerCertificates | undefined;
  /** The certificate that the client showed. */
  readonly client: X509Certificate | undefined;
}

/** The parts of a failed handshake that sentences need. */
interface HandshakeFailure {
  readonly problem: TlsProblem;
  readonly thrown: unknown;
  readonly endpoint: URL;
  readonly host: string;
  /** The TLS library's name for the problem. */
  readonly words: string;
  readonly facts: TlsFacts | undefined;
}

const KINDS: Readonly<Partial<Record<TlsProblem, EtcdErrorKind>>> = {
  untrusted: 'unknownAuthority',
  expired: 'certificateExpired',
  notYetValid: 'certificateExpired',
  wrongName: 'wrongHostName',
  clientRequired: 'clientCertificateRefused',
  clientRefused: 'clientCertificateRefused',
  clientExpired: 'clientCertificateRefused',
  clientRevoked: 'clientCertificateRefused',
  clientUntrusted: 'clientCertificateRefused',
  clientUnsupported: 'clientCertificateRefused',
};

/**
 * Explains why TLS with the endpoint failed, in one sentence that names the certificate; undefined if `thrown` is not
 * about TLS.
 */
export function tlsError(thrown: unknown, endpoint: URL, facts?: TlsFacts): EtcdError | undefined {
  const problem = tlsProblem(thrown);
  if (problem === undefined) return undefined;
  const words = libraryWords(thrown) ?? l10n.t('no reason given');
  const message = SENTENCES[problem]({ problem, thrown, endpoint, host: endpoint.host, words, facts });
  return new EtcdError(KINDS[problem] ?? 'tlsFailed', message, { cause: thrown });
}

function untrusted({ host, facts }: HandshakeFailure): string {
  const [leaf] = facts?.shown ?? [];
  const last = facts?.shown?.at(-1);
  if (!leaf || !last)
    return l10n.t(
      'The certificate of {0} is not signed by an authority that this connection trusts. Set "caFile" to the PEM file of the certificate (or of its authority).',
      host,
    );
  if (isSelfIssued(leaf))
    return l10n.t(
      'The certificate of {0} ({1}) signs itself, and this connection does not trust it. Set "caFile" to its PEM file, or pin it.',
      host,
      subjectName(leaf),
    );
  if (isSelfIssued(last))
    return l10n.t(
      'The certificate of {0} is signed by the authority {1}, which this connection does not trust. Set "caFile" to the PEM file of that authority, or of the certificate itself.',
      host,
      subjectName(last),
    );
  return l10n.t(
    'The certificate of {0} is signed by {1}, whose certificate is neither trusted by this connection nor sent by the server. Set "caFile" to the PEM file of {1}, or of the certificate itself.',
    host,
    issuerName(last),
  );
}

function expired({ host, facts }: HandshakeFailure): string {
  const { certificate, isServer } = which(facts, hasExpired);
  if (!certificate) return l10n.t('A certificate that {0} is trusted by has expired. Renew it on the server.', host);
  return isServer
    ? l10n.t('The certificate of {0} expired on {1}. Renew it on the server.', host, lastDay(certificate))
    : l10n.t(
        'The certificate of the authority {0}, which {1} is trusted by, expired on {2}. Renew the authority; the certificate of the server itself is still valid.',
        subjectName(certificate),
        host,
        lastDay(certificate),
      );
}

function notYetValid({ host, facts }: HandshakeFailure): string {
  const { certificate, isServer } = which(facts, isNotYetValid);
  if (!certificate)
    return l10n.t(
      'A certificate that {0} is trusted by is not valid yet. Check the clocks of this machine and of the server.',
      host,
    );
  return isServer
    ? l10n.t(
        'The certificate of {0} is not valid before {1}. Check the clocks of this machine and of the server.',
        host,
        firstDay(certificate),
      )
    : l10n.t(
        'The certificate of the authority {0}, which {1} is trusted by, is not valid before {2}. Check the clock of this machine.',
        subjectName(certificate),
        host,
        firstDay(certificate),
      );
}

/** Finds the deciding certificate that is at fault. */
function which(
  facts: TlsFacts | undefined,
  isAtFault: (certificate: X509Certificate) => boolean,
): { certificate?: X509Certificate; isServer: boolean } {
  const certificate = deciding(facts).find(isAtFault);
  return certificate ? { certificate, isServer: certificate === facts?.shown?.[0] } : { isServer: false };
}

function deciding(facts: TlsFacts | undefined): readonly X509Certificate[] {
  return facts?.shown ? decidingCertificates(facts.shown, facts.identity.certificateAuthorities) : [];
}

/** Names the deciding certificates that are at fault; if none is known to be, all of them. */
function culprits(
  facts: TlsFacts | undefined,
  isAtFault: (certificate: X509Certificate, chain: readonly X509Certificate[]) => boolean = () => true,
): string {
  const chain = deciding(facts);
  const found = chain.filter((certificate) => isAtFault(certificate, chain));
  const names = (found.length > 0 ? found : chain).map((certificate) => {
    if (certificate !== chain[0]) return l10n.t('authority {0}', subjectName(certificate));
    return isSelfIssued(certificate)
      ? l10n.t('server certificate {0}', subjectName(certificate))
      : l10n.t('server certificate {0}, issued by {1}', subjectName(certificate), issuerName(certificate));
  });
  return names.length > 0 ? names.join('; ') : l10n.t('its name could not be read');
}

/** Whether the key of a certificate's issuer did not sign it. */
function isForged(certificate: X509Certificate, chain: readonly X509Certificate[]): boolean {
  const issuers = chain.filter((each) => certificate.checkIssued(each));
  return issuers.length > 0 && !issuers.some(({ publicKey }) => certificate.verify(publicKey));
}

function wrongName({ thrown, endpoint: { hostname }, facts }: HandshakeFailure): string {
  const leaf = facts?.shown?.[0] ?? rejectedLeaf(thrown);
  const expected = facts?.identity.serverName ?? hostname;
  const names = leaf && (certificateNames(leaf) ?? (leaf.subject === '' ? undefined : subjectName(leaf)));
  if (names === undefined)
    return l10n.t(
      'The certificate names no host, so it does not prove to be {0}. Set "serverName" to the name that it was made for.',
      expected,
    );
  return facts?.identity.serverName === undefined
    ? l10n.t(
        'The certificate is for {0}, not for {1}. Use one of these names in the endpoint, or set "serverName" to it.',
        names,
        expected,
      )
    : l10n.t(
        'The certificate is for {0}, not for {1}, which "serverName" expects. Correct "serverName".',
        names,
        expected,
      );
}

function clientRefused({ problem, host, facts }: HandshakeFailure): string {
  const client = facts?.client;
  if (problem === 'clientRequired' || (facts && !facts.identity.client))
    return l10n.t(
      '{0} requires a client certificate, and this connection shows none. Set "certFile" and "keyFile", or "pfxFile".',
      host,
    );
  if (!client)
    return l10n.t(
      '{0} refused the client certificate of this connection. An authority that the server trusts must have signed it, for client authentication, and it must not have expired.',
      host,
    );
  const name = subjectName(client);
  if (hasExpired(client))
    return l10n.t('{0} refused the client certificate {1}: it expired on {2}. Renew it.', host, name, lastDay(client));
  if (isNotYetValid(client))
    return l10n.t('{0} refused the client certificate {1}: it is not valid before {2}.', host, name, firstDay(client));
  if (!mayIdentifyClients(client))
    return l10n.t(
      '{0} refused the client certificate {1}: it is not made for client authentication. Issue one with that purpose.',
      host,
      name,
    );
  if (problem === 'clientRevoked')
    return l10n.t('{0} refused the client certificate {1}: it was revoked. Get a new one.', host, name);
  return l10n.t(
    '{0} refused the client certificate {1}, which {2} issued. An authority that the server trusts must have signed it.',
    host,
    name,
    issuerName(client),
  );
}

/** Describes the short keys of a server's certificates, such as `RSA, 1024 bits`. */
function keyDetails(facts: TlsFacts | undefined): string | undefined {
  const keys = deciding(facts)
    .filter(hasShortKey)
    .map(({ publicKey }) => l10n.t('RSA, {0} bits', publicKey.asymmetricKeyDetails?.modulusLength ?? '?'));
  return keys.length > 0 ? keys.join('; ') : undefined;
}

/** Returns the certificate in Node's error about a wrong name, which got wraps. */
function rejectedLeaf(thrown: unknown): X509Certificate | undefined {
  const { cert, cause } = unknownFields(thrown);
  const { raw } = unknownFields(cert ?? unknownFields(cause)['cert']);
  return raw instanceof Uint8Array ? new X509Certificate(raw) : undefined;
}

const SENTENCES: Readonly<Record<TlsProblem, (failure: HandshakeFailure) => string>> = {
  untrusted,
  expired,
  notYetValid,
  wrongName,
  clientRequired: clientRefused,
  clientRefused,
  clientExpired: clientRefused,
  clientRevoked: clientRefused,
  clientUntrusted: clientRefused,
  clientUnsupported: clientRefused,
  badSignature: ({ host, facts }) =>
    l10n.t(
      'The signature of a certificate of {0} ({1}) does not match the key of its authority: "caFile" names another authority of the same name, or the certificate is damaged. Compare both.',
      host,
      culprits(facts, isForged),
    ),
  wrongUse: ({ host, words, facts }) =>
    l10n.t(
      'A certificate of {0} ({1}) is used for what it was not made for: {2}. Issue a certificate for server authentication, signed by an authority that may sign.',
      host,
      culprits(facts, (certificate, [leaf]) =>
        certificate === leaf ? !mayIdentifyServers(certificate) : !certificate.ca,
      ),
      words,
    ),
  revoked: ({ host, words, facts }) =>
    l10n.t(
      'A certificate of {0} ({1}) was revoked, or its revocation list cannot be used: {2}. Issue a new certificate, or renew the list.',
      host,
      culprits(facts),
      words,
    ),
  weakKey: ({ host, words, facts }) =>
    l10n.t(
      'A key in the certificates of {0} ({1}) is too short to be safe: {2}. Issue certificates with RSA keys of 2048 bits or more, or with ECDSA keys.',
      host,
      culprits(facts, hasShortKey),
      keyDetails(facts) ?? words,
    ),
  weakDigest: ({ host, facts }) =>
    l10n.t(
      'A certificate of {0} ({1}) is signed with a digest that is no longer safe, such as SHA-1 or MD5. Issue it again with SHA-256.',
      host,
      culprits(facts, hasWeakSignature),
    ),
  outsideConstraints: ({ host, words, facts }) =>
    l10n.t(
      'A certificate of {0} ({1}) is for {2}, which an authority above it may not sign: {3}. Use a name that it may sign, or another authority.',
      host,
      culprits(facts),
      (facts?.shown && certificateNames(facts.shown[0])) ?? l10n.t('this name'),
      words,
    ),
  unreadable: ({ host, facts }) =>
    l10n.t(
      'The dates in a certificate of {0} ({1}) cannot be read. Issue the certificate again.',
      host,
      culprits(facts, hasUnreadableDates),
    ),
  clientWeak: ({ words, facts }) =>
    facts?.client
      ? l10n.t(
          'The client certificate {0} is too weak to be used: {1}. Issue it again with an RSA key of 2048 bits or more and SHA-256.',
          subjectName(facts.client),
          words,
        )
      : l10n.t(
          'The client certificate of this connection is too weak to be used: {0}. Issue it again with an RSA key of 2048 bits or more and SHA-256.',
          words,
        ),
  notTls: ({ host }) =>
    l10n.t('{0} answers, but does not speak TLS. Check the scheme and the port of the endpoint.', host),
  protocolVersion: ({ host }) =>
    l10n.t(
      '{0} and this client share no TLS version: this client speaks TLS 1.2 and 1.3. Allow one of these on the server.',
      host,
    ),
  weakExchange: ({ host, words }) =>
    l10n.t(
      '{0} offers only a key exchange or signature that is no longer safe ({1}). Allow a modern one on the server, such as ECDHE.',
      host,
      words,
    ),
  nothingShared: ({ host, facts }) =>
    facts?.identity.client
      ? l10n.t(
          '{0} ended the TLS handshake: it shares no cipher suite or key type with this client. Allow a modern one on the server.',
          host,
        )
      : l10n.t(
          '{0} ended the TLS handshake: it shares no cipher suite or key type with this client, or it requires a client certificate. Allow a modern cipher suite on the server, or set "certFile" and "keyFile".',
          host,
        ),
  unknownName: ({ host }) =>
    l10n.t(
      '{0} has no certificate for the name that was asked for. Check the host name in the endpoint, or "serverName".',
      host,
    ),
  noProtocol: ({ host }) =>
    l10n.t('{0} speaks TLS, but none of the HTTP versions that etcd speaks. Check the port.', host),
  serverFault: ({ host }) =>
    l10n.t('{0} ended the TLS handshake because of a fault of its own. Look into the log of the server.', host),
  other: ({ host, words }) =>
    l10n.t('The TLS handshake with {0} failed: {1}. Run Diagnose Connection to see what is spoken there.', host, words),
};
