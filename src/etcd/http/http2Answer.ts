/** The answer of an HTTP/2 call that has ended. */
export interface Http2Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly endpoint: string;
}
