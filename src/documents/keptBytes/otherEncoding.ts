import { workspace } from 'vscode';

/** The bytes that are no ASCII. */
const UPPER = Uint8Array.from({ length: 0x80 }, (_, index) => 0x80 + index);
/** A byte that is no ASCII stands in a text as half a surrogate pair, which no other text has. */
const FIRST = 0xdc80;
const STAND_INS = /[\udc80-\udcff]+/gu;

/** A value whose document shows its bytes as another encoding than UTF-8. */
export interface OtherEncoding {
  /** The value with a stand-in for each byte that is no ASCII, so that edits keep their places in it. */
  readonly text: string;
  /** What the document shows of such a text. */
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

/** Returns the bytes of a text: UTF-8, and what stand-ins stand for. */
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
