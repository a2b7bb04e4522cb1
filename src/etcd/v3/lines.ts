/** The lines of a UTF-8 text that comes in chunks, wherever it is cut; one is complete only with its line feed. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      yield rest + part;
      rest = '';
    }
    rest += last;
  }
}
