import { t } from '@vscode/l10n';
import type { ConnectionSettings } from '../../settings/connectionProfile.ts';
import { isEtcdPath, readEndpoint } from './endpointText.ts';
import { marksIn } from './marks.ts';

/** Settings that only an entry of `etcd.connections` can have. */
export type OwnSettings = Omit<
  ConnectionSettings,
  | ('endpoints' | 'username' | 'caFile' | 'ca' | 'serverName' | 'pinnedSha256' | 'certFile' | 'keyFile' | 'pfxFile')
  | ('api' | 'sync' | 'connectTimeout' | 'headerTimeout' | 'name')
> & { readonly name?: string };

/** The connection that was found in a pasted text. */
export interface PastedConnection extends OwnSettings {
  /** Origins, such as `https://host:2379`. */
  readonly endpoints: readonly string[];
  /**
   * Endpoints, as written, whose host or port is a placeholder or an unknown variable; the user has to complete them.
   */
  readonly placeholders?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  /** PEM text; the content of `caFile` if that is set too. */
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
  /** Sentences about what was not understood or is not used. */
  readonly notUnderstood: readonly string[];
  /** Other connections in the same text. */
  readonly others?: readonly PastedConnection[];
}

type TextField = 'caFile' | 'ca' | 'certFile' | 'keyFile' | 'pfxFile' | 'serverName';
type NumberField = 'connectTimeout' | 'headerTimeout';

const PLACEHOLDER =
  /^(?:<.*>|\{.*\}|\[.*\]|\*+|…|\.\.\.|x{3,}|(?:your|my)[-_ ]?\w{0,20}(?:password|passwd|user|username|secret))$/is;
/** A placeholder name, as manuals write it in place of the value. */
const CAPITALS = /^(?:USER|USERNAME|PASSWORD|PASSWD)$/;
/** The beginning `https://user:pass` of an endpoint, without a host yet. */
const UNFINISHED_USER = /^https?:\/\/[^@:/]+:(?!\d{1,5}(?:\/|$)|port|post|p\d?$)[^@\uE000-\uE002<{]*$/i;
const MAX_ENDPOINTS = 100;
/** Limit of a sentence that quotes pasted text, in characters; a host's name has at most 253. */
const MAX_NOTE = 400;
const MAX_PLACEHOLDER = 300;
/**
 * Variables that a pasted text may read. The values of others could be secrets, and the text also names the endpoint.
 */
const READABLE_VARIABLE = /^ETCD(?:CTL)?_/;

/** Collects what the readers of the formats find. A contradiction is reported and decides nothing. */
export class ConnectionDraft {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #endpoints: string[] = [];
  readonly #placeholders = new Set<string>();
  #own: OwnSettings = {};
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
    this.#notes.add(shortened(sentence, MAX_NOTE));
  }

  /** Takes an endpoint with or without scheme, user and path. */
  endpoint(text: string): void {
    const read = readEndpoint(text);
    if (read.kind === 'problem') return this.note(read.message);
    if (read.username !== undefined) this.user(read.username, read.password);
    if (read.kind === 'placeholder') {
      this.#placeholders.add(shortened(read.shown, MAX_PLACEHOLDER));
      return this.note(t('"{0}" is not an endpoint: it is a placeholder. Complete it.', read.shown));
    }
    if (read.isUnencoded)
      this.note(t('The user or the password before {0} is not URL-encoded: it is taken as written.', read.endpoint));
    if (!isEtcdPath(read.path))
      this.note(t("The path after {0} is not one of etcd's: the connection goes to the host itself.", read.endpoint));
    if (this.#endpoints.length < MAX_ENDPOINTS) this.#endpoints.push(read.endpoint);
    else this.note(t('Only the first {0} endpoints are taken.', MAX_ENDPOINTS));
  }

  /**
   * Takes a list of endpoints, separated by commas, semicolons or spaces. A password that contains one of these stays
   * whole.
   */
  endpoints(list: string): void {
    let start = '';
    for (const each of list.split(/[\s,;]+/).filter(Boolean)) {
      const whole = start === '' ? each : `${start},${each}`;
      start = '';
      if (whole.length < 300 && list.includes('@') && UNFINISHED_USER.test(whole)) start = whole;
      else this.endpoint(whole);
    }
    if (start !== '') this.endpoint(start);
  }

  own(settings: OwnSettings): void {
    this.#own = settings;
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

  /** Makes endpoints without a scheme use `https`. */
  usesTls(): void {
    this.#usesTls = true;
  }

  /** Hosts with ports, to find out whether two commands refer to one cluster. */
  get hosts(): readonly string[] {
    return this.#endpoints.map((endpoint) => endpoint.replace(/^\w*:?\/\//, ''));
  }

  get usernames(): ReadonlySet<string> {
    return this.#usernames;
  }

  /** Whether the draft contains only notes. */
  get isEmpty(): boolean {
    const sizes = [this.#usernames, this.#passwords, this.#texts, this.#numbers, this.#placeholders].map(
      ({ size }) => size,
    );
    return this.#endpoints.length === 0 && sizes.every((size) => size === 0) && this.#pins.length === 0;
  }

  get hasPlaceholders(): boolean {
    return this.#placeholders.size > 0;
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
      ...this.#own,
      endpoints: this.#origins(),
      ...(this.#placeholders.size > 0 && { placeholders: [...this.#placeholders] }),
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

  /** Returns the value, unless it is a placeholder or an unknown variable. */
  #known(written: string, what: string): string | undefined {
    const { variable, isWhole, command } = marksIn(written);
    if (command) {
      this.note(t('The {0} is the output of a command. Nothing that you paste is run: it is not taken.', what));
      return undefined;
    }
    if (variable !== undefined) {
      const value = isWhole && READABLE_VARIABLE.test(variable) ? this.#environment[variable] : undefined;
      if (!value) this.note(t('The {0} stands in the variable {1}, which is not known here.', what, variable));
      return value;
    }
    if (!PLACEHOLDER.test(written) && !CAPITALS.test(written)) return written;
    this.note(t('The {0} is only a placeholder.', what));
    return undefined;
  }
}

/** Shortens a text in its middle if it is longer than the limit. */
function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit / 2)}…${text.slice(-limit / 4)}` : text;
}
