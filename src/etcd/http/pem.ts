import { X509Certificate } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const FIRST_DER_BYTE = 0x30;

/**
 * The certificates in a PEM text (any number, with text around them) or in a single DER file.
 * @param source what the user calls it: a file's path or a setting's name; it stands in the error's sentence
 * @throws EtcdError `badCertificate` that says what is wrong, since Node silently ignores a bad certificate authority
 */
export function readCertificates(content: string | Uint8Array, source: string): X509Certificate[] {
  if (typeof content !== 'string' && content[0] === FIRST_DER_BYTE) return [parse(content, source)];
  const text = (typeof content === 'string' ? content : Buffer.from(content).toString('utf8')).replace(/^[ \t]+/gm, '');
  const blocks = [...text.matchAll(BLOCK)].map((match) => ({ label: match[1], pem: match[0] }));
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE');
  if (certificates.length === 0) throw new EtcdError('badCertificate', whyNone(text, blocks[0]?.label, source));
  return certificates.map(({ pem }) => parse(pem, source));
}

function parse(content: string | Uint8Array, source: string): X509Certificate {
  try {
    return new X509Certificate(content);
  } catch (cause) {
    throw new EtcdError(
      'badCertificate',
      l10n.t(
        'The certificate in {0} is damaged: its content cannot be decoded. Copy it again, whole and unchanged.',
        source,
      ),
      { cause },
    );
  }
}

function whyNone(text: string, label: string | undefined, source: string): string {
  if (text.trim() === '') return l10n.t('{0} is empty: it should hold a certificate in PEM form.', source);
  if (label?.endsWith('PRIVATE KEY'))
    return l10n.t(
      '{0} holds a private key, not a certificate. Name the file that begins with "-----BEGIN CERTIFICATE-----".',
      source,
    );
  if (label !== undefined)
    return l10n.t(
      '{0} holds a block "{1}", not a certificate. Name the file that begins with "-----BEGIN CERTIFICATE-----".',
      source,
      label,
    );
  if (text.includes('-----BEGIN CERTIFICATE-----'))
    return l10n.t('The certificate in {0} is cut off: its line "-----END CERTIFICATE-----" is missing.', source);
  return l10n.t('{0} holds no certificate: no line "-----BEGIN CERTIFICATE-----" is in it.', source);
}
