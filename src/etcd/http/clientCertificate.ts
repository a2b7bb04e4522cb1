import { createPrivateKey, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';
import { readCertificates } from './pem.ts';
import type { ClientCertificate } from './tlsIdentity.ts';

/** A file's content, and its name in messages. */
export interface NamedContent {
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Reads a client certificate from a PEM file and its key's file.
 * @throws EtcdError `badCertificate`; `passphraseNeeded` if the key is encrypted and the passphrase is missing or wrong
 */
export function clientCertificate(
  certificate: NamedContent,
  key: NamedContent,
  passphrase?: string,
): ClientCertificate {
  const [leaf] = readCertificates(certificate.content, certificate.name);
  const privateKey = readPrivateKey(key, passphrase);
  if (leaf && !leaf.checkPrivateKey(privateKey))
    throw new EtcdError(
      'badCertificate',
      l10n.t('The key in {0} does not belong to the certificate in {1}.', key.name, certificate.name),
    );
  return { certificate: asText(certificate), key: asText(key), ...(passphrase !== undefined && { passphrase }) };
}

/**
 * Reads a client certificate from a PKCS#12 archive.
 * @throws EtcdError `badCertificate`; `passphraseNeeded` if it is encrypted and the passphrase is missing or wrong
 */
export function clientArchive({ name, content }: NamedContent, passphrase?: string): ClientCertificate {
  const pfx = Buffer.from(content);
  const given = passphrase === undefined ? {} : { passphrase };
  try {
    createSecureContext({ pfx, ...given });
    return { pfx, ...given };
  } catch (cause) {
    const { message } = unknownFields(cause);
    if (String(message).includes('mac verify failure')) throw passphraseNeeded(name, passphrase, cause);
    const why = String(message).includes('Unsupported PKCS12')
      ? l10n.t('{0} is encrypted by an old method (RC2 or 3DES). Export it again with a current one.', name)
      : l10n.t('{0} is not a PKCS#12 archive.', name);
    throw new EtcdError('badCertificate', why, { cause });
  }
}

function readPrivateKey({ name, content }: NamedContent, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(content), ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    // Node's codes for a missing and a wrong passphrase differ by version, but the key's text says that it is
    // encrypted.
    if (Buffer.from(content).includes('ENCRYPTED')) throw passphraseNeeded(name, passphrase, cause);
    throw new EtcdError('badCertificate', l10n.t('{0} holds no private key in PEM form.', name), { cause });
  }
}

function passphraseNeeded(name: string, given: string | undefined, cause: unknown): EtcdError {
  const message =
    given === undefined
      ? l10n.t('The key in {0} is encrypted: its passphrase is needed.', name)
      : l10n.t('The passphrase does not open the key in {0}.', name);
  return new EtcdError('passphraseNeeded', message, { cause });
}

function asText({ content }: NamedContent): string {
  return Buffer.from(content).toString('utf8');
}
