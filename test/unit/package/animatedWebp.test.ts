import assert from 'node:assert/strict';
import { animatedWebp } from '../../../scripts/pictures/animatedWebp.ts';

/** A WebP file of one white pixel. */
const PIXEL = Buffer.from('UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=', 'base64');

interface Chunk {
  readonly name: string;
  readonly content: Buffer;
}

/** Returns the chunks of a part of a file, each with an even length. */
function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    chunks.push({ name: bytes.toString('latin1', at, at + 4), content: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

describe('an animation', () => {
  const frames = [700, 2500].map((milliseconds) => ({ webp: PIXEL, milliseconds }));
  const file = animatedWebp(frames, 1280, 800);

  it('is a WebP file whose size is stated, with a size and a repetition', () => {
    assert.equal(file.toString('latin1', 0, 4), 'RIFF');
    assert.equal(file.readUInt32LE(4), file.length - 8);
    assert.equal(file.toString('latin1', 8, 12), 'WEBP');
    const [header, animation] = chunksOf(file.subarray(12));
    assert.equal(header?.name, 'VP8X');
    assert.deepEqual([header?.content.readUIntLE(4, 3), header?.content.readUIntLE(7, 3)], [1279, 799]);
    assert.equal(animation?.name, 'ANIM');
    assert.equal(animation.content.readUInt16LE(4), 0);
  });

  it('has each picture as it was, with its time', () => {
    const [, , ...pictures] = chunksOf(file.subarray(12));
    assert.deepEqual(
      pictures.map(({ name }) => name),
      ['ANMF', 'ANMF'],
    );
    assert.deepEqual(
      pictures.map(({ content }) => content.readUIntLE(12, 3)),
      [700, 2500],
    );
    for (const { content } of pictures) assert.deepEqual(content.subarray(16), PIXEL.subarray(12));
  });
});
