/** A pasted text, and what must be understood of it. */
export interface PastedCase {
  readonly text: string;
  /** Endpoints of the likeliest connection. */
  readonly endpoints?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly placeholders?: readonly string[];
  /** The endpoints of the other connections in the text. */
  readonly others?: readonly (readonly string[])[];
  /** Notes that must be made; there may be no others. */
  readonly says?: readonly RegExp[];
}

export type Corpus = Readonly<Record<string, PastedCase>>;
