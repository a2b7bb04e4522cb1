import { X509Certificate } from 'node:crypto';
import type { ServerCertificates } from './serverCertificate.ts';

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
/** Shortest RSA key that OpenSSL's usual security level accepts, in bits. */
const SAFE_RSA_BITS = 2048;
/** DER of the identifiers of signatures with MD5 and SHA-1, by RSA and by ECDSA. */
const WEAK_SIGNATURES = ['06092a864886f70d010104', '06092a864886f70d010105', '06072a8648ce3d0401'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
const DATE_LENGTH = 'yyyy-mm-dd'.length;
/** Longest name in a sentence, in characters. */
const MAX_NAME = 80;

/**
 * Returns the certificates that decide whether a server is trusted: those it shows, and the trusted ones that signed
 * them.
 */
export function decidingCertificates(
  shown: ServerCertificates,
  trusted: readonly string[] = [],
): readonly X509Certificate[] {
  const chain: X509Certificate[] = [...shown];
  const authorities = trusted.map((pem) => new X509Certificate(pem));
  for (const certificate of shown)
    for (const authority of authorities)
      if (certificate.checkIssued(authority) && !chain.some((each) => each.fingerprint256 === authority.fingerprint256))
        chain.push(authority);
  return chain;
}

/** Returns the common name of a certificate's subject, or else its first names, on one line. */
export function subjectName(certificate: X509Certificate): string {
  return shortName(certificate.subject) ?? certificateNames(certificate) ?? certificate.serialNumber;
}

/** Returns the common name of a certificate's issuer. */
export function issuerName(certificate: X509Certificate): string {
  return shortName(certificate.issuer) ?? '?';
}

/** Returns the host names and addresses that a certificate is for; undefined if it names none. */
export function certificateNames({ subjectAltName }: X509Certificate): string | undefined {
  const names = subjectAltName?.replaceAll(/\b(DNS|IP Address|URI):/g, '');
  return names === undefined || names === '' ? undefined : bounded(names);
}

/** Whether a certificate names itself as its issuer. */
export function isSelfIssued({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

/** Returns the day on which it expires, such as 2026-11-28. */
export function lastDay({ validTo }: X509Certificate): string {
  return new Date(validTo).toISOString().slice(0, DATE_LENGTH);
}

/** Returns the day on which it becomes valid. */
export function firstDay({ validFrom }: X509Certificate): string {
  return new Date(validFrom).toISOString().slice(0, DATE_LENGTH);
}

export function hasExpired({ validTo }: X509Certificate): boolean {
  return Date.parse(validTo) < Date.now();
}

export function isNotYetValid({ validFrom }: X509Certificate): boolean {
  return Date.parse(validFrom) > Date.now();
}

/** Whether a date of a certificate has no meaning. */
export function hasUnreadableDates({ validFrom, validTo }: X509Certificate): boolean {
  return Number.isNaN(Date.parse(validFrom)) || Number.isNaN(Date.parse(validTo));
}

/** Whether a certificate's key is an RSA key that is too short to be safe. */
export function hasShortKey({ publicKey: { asymmetricKeyType, asymmetricKeyDetails } }: X509Certificate): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? SAFE_RSA_BITS) < SAFE_RSA_BITS;
}

/** Whether another certificate signed this one with a digest that is no longer safe. */
export function hasWeakSignature(certificate: X509Certificate): boolean {
  // Node tells a signature's algorithm only from version 24.9 on.
  return !isSelfIssued(certificate) && WEAK_SIGNATURES.some((identifier) => certificate.raw.includes(identifier));
}

/** Whether a certificate may identify a client: false only if it is restricted to other purposes. */
export function mayIdentifyClients(certificate: X509Certificate): boolean {
  return mayServe(certificate, CLIENT_AUTHENTICATION);
}

/** Whether a certificate may identify a server: false only if it is restricted to other purposes. */
export function mayIdentifyServers(certificate: X509Certificate): boolean {
  return mayServe(certificate, SERVER_AUTHENTICATION);
}

function mayServe({ keyUsage }: X509Certificate, purpose: string): boolean {
  // Despite its name, this holds the extended key usage.
  const purposes: readonly string[] | undefined = keyUsage;
  return purposes === undefined || purposes.length === 0 || purposes.includes(purpose);
}

function shortName(distinguishedName: string): string | undefined {
  const lines = distinguishedName.split('\n');
  const common = lines.find((line) => line.startsWith('CN='))?.slice('CN='.length);
  const name = common ?? lines.filter((line) => line !== '').join(', ');
  return name === '' ? undefined : bounded(name);
}

function bounded(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}
