import { workspace } from 'vscode';

/** The bytes that are not ASCII. */
const UPPER = Uint8Array.from({ length: 0x80 }, (_, index) => 0x80 + index);
/** First stand-in for a byte that is not ASCII: half a surrogate pair, which no other text contains. */
const FIRST = 0xdc80;
const STAND_INS = /[\udc80-\udcff]+/gu;

/** A value whose document does not show its bytes as UTF-8, but in another encoding. */
export interface OtherEncoding {
  /** The value with a stand-in for each byte that is not ASCII, so that edits keep their places in it. */
  readonly text: string;
  /** Converts such a text to what the document shows. */
  readonly display: (text: string) => string;
}

/** @returns undefined if a byte is not always one character in this encoding */
export async function inOtherEncoding(value: Uint8Array, encoding: string): Promise<OtherEncoding | undefined> {
  const characters = await workspace.decode(UPPER, { encoding });
  if (characters.length !== UPPER.length) return undefined;
  const shown = (standIn: string) => characters[standIn.charCodeAt(0) - FIRST] ?? '';
  return {
    text: Buffer.from(value)
      .toString('latin1')
      .replaceAll(/[\x80-\xff]/g, (byte) => String.fromCharCode(byte.charCodeAt(0) - 0x80 + FIRST)),
    display: (text) => text.replaceAll(STAND_INS, (standIns) => standIns.split('').map(shown).join('')),
  };
}

/** Converts a text to bytes: UTF-8, and the original bytes for stand-ins. */
export function bytesOf(text: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { 0: standIns, index } of text.matchAll(STAND_INS)) {
    const bytes = standIns.split('').map((standIn) => standIn.charCodeAt(0) - FIRST + 0x80);
    pieces.push(Buffer.from(text.slice(at, index)), Uint8Array.from(bytes));
    at = index + standIns.length;
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(at))]);
}
