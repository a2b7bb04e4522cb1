import { X509Certificate } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

const MARKER = /-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----/g;
const FIRST_DER_BYTE = 0x30;

/** A block between `-----BEGIN label-----` and the END line with the same label. */
export interface PemBlock {
  readonly label: string;
  /** The block with both lines. */
  readonly text: string;
  /** Index of the block in the text. */
  readonly start: number;
  /** True if the END line is missing, because another block begins before it or the text ends. */
  readonly isCutOff: boolean;
}

/** Finds the PEM blocks in a text with anything around them, in linear time. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly start: number } | undefined;
  const cutOff = (end: number) => {
    if (open) blocks.push({ ...open, text: text.slice(open.start, end), isCutOff: true });
  };
  for (const { 0: marker, 1: kind, 2: label = '', index } of text.matchAll(MARKER)) {
    if (kind === 'BEGIN') {
      cutOff(index);
      open = { label, start: index };
    } else if (open?.label === label) {
      blocks.push({ ...open, text: text.slice(open.start, index + marker.length), isCutOff: false });
      open = undefined;
    }
  }
  cutOff(text.length);
  return blocks;
}

/**
 * Reads the certificates of a PEM text (any number, with text around them) or of a single DER file.
 * @param source name in the error's sentence: a file's path or a setting's name
 * @throws EtcdError `badCertificate` that says what is wrong, because Node silently ignores a bad certificate authority
 */
export function readCertificates(content: string | Uint8Array, source: string): X509Certificate[] {
  if (typeof content !== 'string' && content[0] === FIRST_DER_BYTE) return [parse(content, source)];
  const text = (typeof content === 'string' ? content : Buffer.from(content).toString('utf8')).replace(/^[ \t]+/gm, '');
  const blocks = pemBlocks(text);
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE');
  const whole = blocks.find(({ isCutOff }) => !isCutOff);
  if (certificates.some(({ isCutOff }) => isCutOff))
    throw new EtcdError(
      'badCertificate',
      l10n.t('The certificate in {0} is cut off: its line "-----END CERTIFICATE-----" is missing.', source),
    );
  if (certificates.length === 0) throw new EtcdError('badCertificate', whyNone(text, whole?.label, source));
  return certificates.map((block) => parse(block.text, source));
}

/**
 * Returns certificates as PEM text with nothing around or within them, for settings and for texts in other languages.
 * Throws as `readCertificates` does.
 */
export function certificateText(content: string | Uint8Array, source: string): string {
  return [...new Set(readCertificates(content, source).map(String))].join('').trim();
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
  return l10n.t('{0} holds no certificate: no line "-----BEGIN CERTIFICATE-----" is in it.', source);
}
