import { X509Certificate } from 'node:crypto';
import type { ServerCertificates } from './serverCertificate.ts';

const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
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

/** Whether a certificate may identify a client: false only if it is restricted to other purposes. */
export function mayIdentifyClients({ keyUsage }: X509Certificate): boolean {
  // Despite its name, this holds the extended key usage.
  const purposes: readonly string[] | undefined = keyUsage;
  return purposes === undefined || purposes.length === 0 || purposes.includes(CLIENT_AUTHENTICATION);
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
