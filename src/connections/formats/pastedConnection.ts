import { t } from '@vscode/l10n';
import { readEndpoint } from './endpointText.ts';

/** What was understood of a pasted text. */
export interface PastedConnection {
  /** Origins, such as `https://host:2379`. */
  readonly endpoints: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  /** PEM text; with `caFile` beside it, the content of that file. */
  readonly ca?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly pfxFile?: string;
  readonly serverName?: string;
  readonly pinnedSha256?: readonly string[];
  readonly api?: 'v2' | 'v3';
  readonly sync?: boolean;
  /** Seconds. */
  readonly connectTimeout?: number;
  /** Seconds. */
  readonly headerTimeout?: number;
  /** What could not be understood or is not taken, as sentences. */
  readonly notUnderstood: readonly string[];
}

type TextField = 'caFile' | 'ca' | 'certFile' | 'keyFile' | 'pfxFile' | 'serverName';
type NumberField = 'connectTimeout' | 'headerTimeout';

const VARIABLE = /^\$(?:\{(\w+)\}|(\w+))$/;
const PLACEHOLDER = /^(?:<.*>|\*+|…|\.\.\.)$/;
/** A pasted text must not name any other variable: its value could be a secret, and the endpoint is the text's too. */
const READABLE_VARIABLE = /^ETCD(?:CTL)?_/;

/** Collects what the readers of the forms find; a contradiction is said and decides nothing. */
export class ConnectionDraft {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #endpoints: string[] = [];
  readonly #usernames = new Set<string>();
  readonly #passwords = new Set<string>();
  readonly #texts = new Map<TextField, string>();
  readonly #numbers = new Map<NumberField, number>();
  readonly #apis = new Set<'v2' | 'v3'>();
  readonly #notes = new Set<string>();
  #pins: readonly string[] = [];
  #sync: boolean | undefined;
  #usesTls = false;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  note(sentence: string): void {
    this.#notes.add(sentence);
  }

  /** Takes an endpoint with or without scheme, user and path. */
  endpoint(text: string): void {
    const read = readEndpoint(text);
    if (read.kind === 'problem') return this.note(read.message);
    if (read.username !== undefined) this.user(read.username, read.password);
    this.#endpoints.push(read.endpoint);
  }

  endpoints(list: string): void {
    for (const each of list.split(/[\s,]+/).filter(Boolean)) this.endpoint(each);
  }

  user(username: string, password?: string): void {
    const name = this.#known(username, t('user name'));
    if (name) this.#usernames.add(name);
    if (password !== undefined) this.password(password);
  }

  /** Takes `user:password` or `user`. */
  userAndPassword(text: string): void {
    const colon = text.indexOf(':');
    if (colon < 0) this.user(text);
    else this.user(text.slice(0, colon), text.slice(colon + 1));
  }

  password(text: string): void {
    const password = this.#known(text, t('password'));
    if (password) this.#passwords.add(password);
  }

  text(field: TextField, value: string): void {
    const known = this.#known(value, field);
    if (!known) return;
    const first = this.#texts.get(field) ?? known;
    this.#texts.set(field, first);
    if (first !== known) this.note(t('Two values for {0} are given; the first is taken: {1}', field, first));
    if (field !== 'serverName') this.usesTls();
  }

  seconds(field: NumberField, value: number | undefined, written: string): void {
    if (value !== undefined && value > 0) this.#numbers.set(field, value);
    else this.note(t('"{0}" is not a duration.', written));
  }

  pins(pins: readonly string[]): void {
    this.#pins = pins;
    this.usesTls();
  }

  api(api: 'v2' | 'v3'): void {
    this.#apis.add(api);
  }

  sync(sync: boolean): void {
    this.#sync = sync;
  }

  /** Endpoints without a scheme are `https`. */
  usesTls(): void {
    this.#usesTls = true;
  }

  finish(): PastedConnection {
    const [username, otherUser] = this.#usernames;
    const [password, otherPassword] = this.#passwords;
    if (otherUser !== undefined)
      this.note(t('Different users are named ({0}): none is taken.', [...this.#usernames].join(', ')));
    else if (otherPassword !== undefined)
      this.note(t('Different passwords are given: none is taken, and it is asked for.'));
    else if (password !== undefined && username === undefined)
      this.note(t('A password is given, but no user: it is not taken.'));
    const [api, otherApi] = this.#apis;
    return {
      endpoints: this.#origins(),
      ...(username !== undefined && otherUser === undefined && { username }),
      ...(password !== undefined && username !== undefined && !otherUser && !otherPassword && { password }),
      ...Object.fromEntries(this.#texts),
      ...Object.fromEntries(this.#numbers),
      ...(this.#pins.length > 0 && { pinnedSha256: this.#pins }),
      ...(api && !otherApi && { api }),
      ...(this.#sync !== undefined && { sync: this.#sync }),
      notUnderstood: [...this.#notes],
    };
  }

  #origins(): string[] {
    const tls = this.#usesTls || this.#endpoints.some((endpoint) => endpoint.startsWith('https:'));
    const bare = this.#endpoints.filter((endpoint) => endpoint.startsWith('//'));
    if (bare.length > 0 && !tls)
      this.note(
        t('No scheme is given for {0}: http is taken, as etcdctl does.', bare.map((each) => each.slice(2)).join(', ')),
      );
    const origins = this.#endpoints.map((endpoint) =>
      endpoint.startsWith('//') ? new URL(`${tls ? 'https' : 'http'}:${endpoint}`).origin : endpoint,
    );
    return [...new Set(origins)];
  }

  /** The value that is meant, unless it is a placeholder or a variable of unknown content. */
  #known(written: string, what: string): string | undefined {
    const match = VARIABLE.exec(written);
    const variable = match?.[1] ?? match?.[2];
    if (variable !== undefined) {
      const value = READABLE_VARIABLE.test(variable) ? this.#environment[variable] : undefined;
      if (!value) this.note(t('The {0} stands in the variable {1}, which is not known here.', what, variable));
      return value;
    }
    if (!PLACEHOLDER.test(written)) return written;
    this.note(t('The {0} is only a placeholder.', what));
    return undefined;
  }
}
