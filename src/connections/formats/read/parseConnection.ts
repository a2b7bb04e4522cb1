import { t } from '@vscode/l10n';
import { EtcdError } from '../../../etcd/errors.ts';
import { withLineFeeds } from '../../../etcd/lineFeeds.ts';
import { pemBlocks, certificateText } from '../../../etcd/http/pem.ts';
import { limitedWork } from '../../../etcd/limitedWork.ts';
import { unmarked } from './marks.ts';
import { ConnectionDraft, type PastedConnection } from './connectionDraft.ts';
import type { Take } from './readCommands.ts';
import { takeVariable } from './readEtcdctl.ts';
import { goLines, takeGo } from './readGo.ts';
import { findJson } from './readJson.ts';
import { StatementReader, type Statement } from './statements.ts';

/** Limit of a text in characters; even a connection with all certificates of an authority is shorter. */
const MAX_CHARACTERS = 256 * 1024;
const MAX_STATEMENTS = 2000;
const MAX_CANDIDATES = 20;
const TIME_LIMIT = 500;
const LOOPBACK = /^(?:localhost|127\.|\[::1\])/;

/**
 * Finds the connections in a copied text: commands of any shell, variables, connection strings, settings, JSON, Go,
 * certificates, and mixtures of them. Executes nothing, and reports whatever it does not understand.
 * @param environment values of the text's own variables (`$ETCD_…`)
 * @returns the likeliest connection; `others` are further ones in the same text
 */
export function parseConnection(text: string, environment: NodeJS.ProcessEnv = {}): PastedConnection {
  const parsed = limitedWork({ milliseconds: TIME_LIMIT, size: text.length, maxSize: MAX_CHARACTERS }, () =>
    parse(text, environment),
  );
  if (parsed) return parsed;
  const draft = new ConnectionDraft(environment);
  draft.note(t('The copied text is too long, or takes too long to read. Copy only the connection.'));
  return draft.finish();
}

/** Returns the connection in etcdctl's own variables. */
export function connectionInEnvironment(environment: NodeJS.ProcessEnv): PastedConnection {
  const draft = new ConnectionDraft({});
  for (const [name, value] of Object.entries(environment))
    if (value && name.startsWith('ETCDCTL_')) takeVariable(draft, name, value);
  return draft.finish();
}

function parse(text: string, environment: NodeJS.ProcessEnv): PastedConnection {
  const plain = withLineFeeds(unmarked(text).replace(/^\uFEFF/, '')).replaceAll('\u00A0', ' ');
  const shared: Take[] = [];
  const found = findJson(plain);
  const rest = takeCertificates(shared, found?.rest ?? plain);
  const settings = (found?.takes ?? []).map((take): Statement => ({ paragraph: -1, kind: 'settings', take }));
  const statements = [...settings, ...textStatements(rest)].slice(0, MAX_STATEMENTS);
  const [best, ...others] = candidates(statements, environment)
    .map((takes) => {
      const draft = new ConnectionDraft(environment);
      for (const take of [...shared, ...takes]) take(draft);
      return draft.finish();
    })
    .toSorted((one, other) => likelihood(other) - likelihood(one));
  if (!best) throw new Error('A text has at least one candidate.');
  return others.length === 0 ? best : { ...best, others };
}

function textStatements(text: string): Statement[] {
  const lines = text.split('\n');
  const go = goLines(lines);
  if (!go) return new StatementReader(text).read();
  const source = lines.slice(go.start, go.end).join('\n');
  const around = [...lines.slice(0, go.start), '', ...lines.slice(go.end)].join('\n');
  const take: Take = (draft) => void takeGo(draft, source);
  return [{ paragraph: -1, kind: 'go', take }, ...new StatementReader(around).read()];
}

/** The statements of one connection, while it is put together. */
interface Group {
  readonly hosts: Set<string>;
  readonly usernames: Set<string>;
  readonly paragraphs: Set<number>;
  readonly takes: Map<number, Take>;
  /** Index of the first of these statements. */
  first: number;
  isClosed: boolean;
}

/**
 * Groups statements into connections. Those that name the same host belong together; those without a host belong to the
 * connection of their paragraph, or else to the one before. Notes without a connection belong to all.
 */
function candidates(statements: readonly Statement[], environment: NodeJS.ProcessEnv): Take[][] {
  const groups: Group[] = [];
  /** Index of the first statement of a connection beyond the limit. */
  let cutFrom: number | undefined;
  const pending: { readonly index: number; readonly statement: Statement; readonly isNote: boolean }[] = [];
  const isAlone = new Set(statements.map(({ kind }) => kind)).size === 1 && statements[0]?.kind === 'string';
  for (const [index, statement] of statements.entries()) {
    const draft = new ConnectionDraft(environment);
    statement.take(draft);
    const { hosts, usernames, hasPlaceholders } = draft;
    if (hosts.length === 0 && !hasPlaceholders) {
      pending.push({ index, statement, isNote: draft.isEmpty });
      continue;
    }
    const isList = isAlone || statement.kind === 'string';
    const group = groups.find(
      (each) =>
        !each.isClosed &&
        statement.kind !== 'settings' &&
        ((isAlone && isList) || matches(each, { hosts, usernames }) || belongs(each, statement, hasPlaceholders)),
    );
    if (!group && groups.length === MAX_CANDIDATES) {
      cutFrom ??= index;
      continue;
    }
    const target = group ?? newGroup(statement.kind === 'settings', index);
    if (!group) groups.push(target);
    for (const host of hosts) target.hosts.add(host);
    for (const username of usernames) target.usernames.add(username);
    target.paragraphs.add(statement.paragraph);
    target.takes.set(index, statement.take);
  }
  if (groups.length === 0) groups.push(newGroup(false, Number.POSITIVE_INFINITY));
  for (const { index, statement, isNote } of pending) {
    const before = groups.findLast(({ first }) => first < index);
    const inParagraph = groups.filter(({ paragraphs }) => paragraphs.has(statement.paragraph));
    const near = inParagraph.findLast(({ first }) => first < index) ?? inParagraph[0];
    // It may belong to a connection that is not offered.
    if (!isNote && !near && cutFrom !== undefined && index > cutFrom) continue;
    const targets = isNote ? groups : [near ?? before ?? groups[0]];
    for (const target of targets) {
      target?.takes.set(index, statement.take);
      if (target) target.first = Math.min(target.first, index);
    }
  }
  if (cutFrom !== undefined)
    for (const { takes } of groups)
      takes.set(-1, (draft) =>
        draft.note(t('Only the first {0} connections of the text are offered.', MAX_CANDIDATES)),
      );
  return groups.map(({ takes }) => [...takes].toSorted(([one], [other]) => one - other).map(([, take]) => take));
}

function newGroup(isClosed: boolean, first: number): Group {
  return { hosts: new Set(), usernames: new Set(), paragraphs: new Set(), takes: new Map(), isClosed, first };
}

function matches(
  group: Group,
  { hosts, usernames }: { hosts: readonly string[]; usernames: ReadonlySet<string> },
): boolean {
  const isSameUser =
    usernames.size === 0 || group.usernames.size === 0 || [...usernames].some((each) => group.usernames.has(each));
  return isSameUser && hosts.some((host) => group.hosts.has(host));
}

/** Whether a statement belongs to a group: connection strings of one paragraph form one list. */
function belongs(group: Group, { kind, paragraph }: Statement, hasPlaceholders: boolean): boolean {
  return kind === 'string' && (hasPlaceholders || group.paragraphs.has(paragraph));
}

/**
 * Estimates whether a connection is the intended one: an example in a help page rarely has a user, a certificate, or a
 * host other than the reader's own machine.
 */
function likelihood(pasted: PastedConnection): number {
  const { endpoints, username, password, ca, caFile, certFile } = pasted;
  if (endpoints.length === 0) return 0;
  const isLocal = endpoints.every((endpoint) => LOOPBACK.test(new URL(endpoint).host));
  const facts = [username, password, ca ?? caFile, certFile].filter((each) => each !== undefined);
  return 1 + facts.length + (isLocal ? 0 : 5);
}

/** Takes the PEM blocks, and returns the text without them. */
function takeCertificates(takes: Take[], text: string): string {
  const certificates: string[] = [];
  const around: string[] = [];
  let end = 0;
  for (const { label, text: block, start, isCutOff } of pemBlocks(text)) {
    if (isCutOff) continue;
    around.push(text.slice(end, start));
    end = start + block.length;
    if (label.endsWith('CERTIFICATE')) certificates.push(block.replaceAll(String.raw`\n`, '\n'));
    else
      takes.push((draft) =>
        draft.note(t('A block "{0}" is not taken: keep it in a file, and name that in the settings.', label)),
      );
  }
  const rest = [...around, text.slice(end)].join('');
  if (certificates.length > 0) takes.push((draft) => takeCertificateText(draft, certificates.join('\n')));
  if (rest.includes('-----BEGIN CERTIFICATE-----'))
    takes.push((draft) =>
      draft.note(t('The certificate is cut off: its line "-----END CERTIFICATE-----" is missing.')),
    );
  return rest;
}

function takeCertificateText(draft: ConnectionDraft, text: string): void {
  try {
    draft.text('ca', certificateText(text, t('the copied text')));
  } catch (error) {
    if (!EtcdError.is(error)) throw error;
    draft.note(error.message);
  }
}
