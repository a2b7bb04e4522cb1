import { answerTooLarge, MAX_ANSWER_BYTES } from '../../http/answerLimits.ts';

/**
 * Yields the lines of a UTF-8 text that comes in chunks, wherever it is cut; a line ends with its line feed.
 * @param endpoint that sends them
 * @throws EtcdError `answerTooLarge` if a line is longer than answers may be
 */
export async function* textLines(
  chunks: AsyncIterable<Uint8Array>,
  endpoint: string,
  maxLength = MAX_ANSWER_BYTES,
): AsyncGenerator<string> {
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
    if (rest.length > maxLength) throw answerTooLarge(endpoint, maxLength);
  }
}
