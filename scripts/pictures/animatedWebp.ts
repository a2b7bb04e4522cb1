/** A picture of an animation: a WebP file, and how long it is shown. */
export interface Frame {
  readonly webp: Buffer;
  readonly milliseconds: number;
}

const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;
/** The bit of `VP8X` that says that the file is an animation. */
const ANIMATED = 0x02;
/** The bit of `ANMF` that says that a frame replaces what is below it. */
const REPLACES = 0x02;
/** Chunks that are pictures: with losses, without, and transparency. */
const PICTURES = new Set(['VP8 ', 'VP8L', 'ALPH']);

/**
 * Joins pictures of the same size to an animation that repeats, as the WebP container specification describes it.
 * @param width pixels
 * @param height pixels
 */
export function animatedWebp(frames: readonly Frame[], width: number, height: number): Buffer {
  const size = Buffer.concat([uint24(width - 1), uint24(height - 1)]);
  const header = chunk('VP8X', Buffer.concat([Buffer.from([ANIMATED, 0, 0, 0]), size]));
  // Black as background, and no limit of repetitions.
  const animation = chunk('ANIM', Buffer.from([0, 0, 0, 0xff, 0, 0]));
  const pictures = frames.map(({ webp, milliseconds }) => {
    const place = Buffer.alloc(6);
    return chunk('ANMF', Buffer.concat([place, size, uint24(milliseconds), Buffer.from([REPLACES]), pictureOf(webp)]));
  });
  const content = Buffer.concat([Buffer.from('WEBP'), header, animation, ...pictures]);
  return Buffer.concat([Buffer.from('RIFF'), uint32(content.length), content]);
}

/** Returns the chunks of a file that are its picture. */
function pictureOf(webp: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = RIFF_HEADER; at + CHUNK_HEADER <= webp.length;) {
    const end = at + CHUNK_HEADER + padded(webp.readUInt32LE(at + 4));
    if (PICTURES.has(webp.toString('latin1', at, at + 4))) chunks.push(webp.subarray(at, end));
    at = end;
  }
  return Buffer.concat(chunks);
}

function chunk(name: string, content: Buffer): Buffer {
  const padding = Buffer.alloc(padded(content.length) - content.length);
  return Buffer.concat([Buffer.from(name, 'latin1'), uint32(content.length), content, padding]);
}

function padded(length: number): number {
  return length + (length % 2);
}

function uint24(value: number): Buffer {
  return uint32(value).subarray(0, 3);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
