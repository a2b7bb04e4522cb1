import { StringDecoder } from 'node:string_decoder';

/** The lines of a text that comes in chunks of UTF-8, without the line feeds between them; a carriage return stays. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // The beginnings of a line that ends in none of the chunks so far: joined once, however many they are.
  let started: string[] = [];
  for await (const chunk of chunks) {
    const lines = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      yield started.length > 0 ? started.join('') + line : line;
      started = [];
    }
    if (last !== '') started.push(last);
  }
  const rest = started.join('') + decoder.end();
  if (rest !== '') yield rest;
}
