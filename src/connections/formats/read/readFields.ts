import type { ConnectionDraft } from './connectionDraft.ts';
import type { Take } from './readCommands.ts';

/** `name: value`, `name = "value"`, `--name=value` and the like, as configuration files and source code write them. */
const FIELD =
  /(?<![\w/])["']?([A-Za-z][\w.-]{1,40})["']?\s{0,3}(?:=>|:=|[:=](?!\/\/))\s{0,3}(?:"([^"\n]{1,4000})"|'([^'\n]{1,4000})'|([^\s,;{}()[\]"']{1,4000}))/g;
const MAX_FIELDS = 100;
/** `name: value` without quotation marks, as in prose. */
const IS_LABEL = /^[\w.-]+\s{0,3}:\s{0,3}[^=\s]/;
const FILE = /^(?:[^\s:]*[/\\])?[^\s:/\\]+\.(?:pem|crt|cer|ca|key)$|^[A-Za-z]:[\\/]\S+\.(?:pem|crt|cer|ca|key)$/i;
const BASIC = /^basic\s+(\S+)$/i;
const YES = /^(?:true|yes|on|https|tls)$/i;

type Reader = (draft: ConnectionDraft, value: string) => void;

const file =
  (field: 'caFile' | 'certFile' | 'keyFile'): Reader =>
  (draft, value) => {
    if (FILE.test(value)) draft.text(field, value);
  };

/** Names without their punctuation, in lower case. */
const READERS: Readonly<Record<string, Reader>> = {
  ...named(['user', 'username', 'login', 'etcduser', 'etcdusername'], (draft, value) => draft.user(value)),
  ...named(['password', 'passwd', 'pwd', 'etcdpassword'], (draft, value) => draft.password(value)),
  ...named(
    [
      ...['cafile', 'cacert', 'cacertfile', 'cacertificate', 'certificateauthority', 'trustedcafile', 'ca', 'cacrt'],
      ...['tlscafile', 'tlsca', 'sslca', 'etcdcafile', 'rootca', 'verify'],
    ],
    file('caFile'),
  ),
  ...named(
    [
      'certfile',
      'cert',
      'clientcert',
      'clientcertfile',
      'certcert',
      'tlscert',
      'tlscertfile',
      'sslcert',
      'etcdcertfile',
    ],
    file('certFile'),
  ),
  ...named(
    ['keyfile', 'key', 'clientkey', 'clientkeyfile', 'certkey', 'tlskey', 'tlskeyfile', 'sslkey', 'etcdkeyfile'],
    file('keyFile'),
  ),
  ...named(['protocol', 'scheme', 'tls', 'ssl', 'usetls', 'secure'], (draft, value) => {
    if (YES.test(value)) draft.usesTls();
  }),
  authorization: (draft, value) => {
    const encoded = BASIC.exec(value)?.[1];
    if (encoded !== undefined) draft.userAndPassword(Buffer.from(encoded, 'base64').toString('utf8'));
  },
};

function named(names: readonly string[], reader: Reader): Readonly<Record<string, Reader>> {
  return Object.fromEntries(names.map((name) => [name, reader]));
}

/** Reads the fields of configuration files and of clients in source code. */
export class FieldReader {
  /** The host that the next port belongs to. */
  #host: string | undefined;

  /** Returns what the fields in a line say about a connection; those with other names say nothing. */
  read(line: string): Take[] {
    const takes: Take[] = [];
    for (const match of [...line.matchAll(FIELD)].slice(0, MAX_FIELDS)) {
      const [all, name = '', double, single, bare] = match;
      // Words behind a value are a sentence.
      if (bare !== undefined && IS_LABEL.test(all) && /^[ \t]+[^\s#,;)}\]]/.test(line.slice(match.index + all.length)))
        continue;
      const field = name.toLowerCase().replaceAll(/[^a-z\d]/g, '');
      const value = double ?? single ?? bare ?? '';
      const reader = Object.hasOwn(READERS, field) ? READERS[field] : undefined;
      if (reader) takes.push((draft) => reader(draft, value));
      else takes.push(...this.#address(field, value));
    }
    return takes;
  }

  #address(field: string, value: string): Take[] {
    if (field === 'host' || field === 'hostname') this.#host = /^[\w.-]{1,253}$/.test(value) ? value : undefined;
    if (field !== 'port' || this.#host === undefined || !/^\d{2,5}$/.test(value)) return [];
    const endpoint = `${this.#host}:${value}`;
    this.#host = undefined;
    return [(draft) => draft.endpoint(endpoint)];
  }
}
