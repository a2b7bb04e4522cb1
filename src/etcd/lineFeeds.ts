/** Ends all lines of a text with `\n`, whatever ended them. */
export function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
