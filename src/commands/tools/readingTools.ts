import { l10n, workspace } from 'vscode';
import { toolConnection } from '../../connections/tools/toolConnection.ts';
import { ToolReader } from '../../connections/tools/toolReader.ts';
import { memberName } from '../../etcd/cluster/clusterAdmin.ts';
import type { HistoryEntry } from '../../etcd/past/keyHistory.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { AnswerList, keyField, revisionFields, valueFields } from './toolAnswer.ts';
import type { ToolHandler } from './toolHandler.ts';
import type { ToolInput } from './toolInput.ts';

const MAX_CHILDREN = 200;
const MAX_HITS = 100;
const MAX_VERSIONS = 20;
/** Limits of a value in characters: alone, and among others. */
const MAX_VALUE = 16_000;
const MAX_OTHER_VALUE = 2000;
/** Milliseconds of a search. */
const SEARCH_TIME = 20_000;

/** Lists a level of the tree. */
export const listKeys: ToolHandler = {
  question: (input) => ({
    title: l10n.t('List keys of etcd?'),
    doing: l10n.t('Listing keys of etcd'),
    detail: [...connectionLine(input), l10n.t('Folder: {0}', input.shown('prefix'))],
  }),
  run: async ({ connections }, input, signal) => {
    const { reader, name } = readerFor(connections, input);
    const most = input.count('limit', MAX_CHILDREN);
    const { children, done, revision } = await reader.list(input.optionalKey('prefix'), most, signal);
    const list = new AnswerList();
    const fits = children.every(({ kind, path, keyCount }) =>
      list.add({ ...keyField(kind, path), ...(keyCount !== undefined && { keysBelow: keyCount }) }),
    );
    const data = { connection: name, revision: String(revision), children: list.entries, more: !done || !fits };
    return { data, keys: list.entries.length };
  },
};

/** Reads a key's value. */
export const readKey: ToolHandler = {
  question: (input) => ({
    title: l10n.t('Read a key of etcd?'),
    doing: l10n.t('Reading a key of etcd'),
    detail: [...connectionLine(input), l10n.t('Key: {0}', input.shown('key'))],
  }),
  run: async ({ connections }, input, signal) => {
    const { reader, name } = readerFor(connections, input);
    const key = input.key('key');
    const { revision, kv } = await reader.read(key, signal);
    const known = { connection: name, ...keyField('key', key), exists: kv !== undefined };
    if (!kv) return { data: { ...known, revision: String(revision) }, keys: 0 };
    const shown = await reader.shown(key, kv.value);
    return { data: { ...known, ...revisionFields(kv), ...valueFields(kv.value.length, shown, MAX_VALUE) }, keys: 1 };
  },
};

/** Searches keys and values. */
export const findKeys: ToolHandler = {
  question: (input) => ({
    title: l10n.t('Search keys of etcd?'),
    doing: l10n.t('Searching keys of etcd'),
    detail: [
      ...connectionLine(input),
      l10n.t('Pattern: {0}', input.shown('pattern')),
      l10n.t('Folder: {0}', input.shown('prefix')),
    ],
  }),
  run: async ({ connections }, input, signal) => {
    const { reader, name } = readerFor(connections, input);
    const query = {
      kind: input.choice('kind', ['text', 'glob', 'regex']),
      pattern: input.text('pattern'),
      matchCase: input.flag('matchCase'),
      values: input.flag('values'),
    };
    const list = new AnswerList();
    const end = performance.now() + SEARCH_TIME;
    let [searched, isComplete] = [0, true];
    for await (const { hits, scanned } of reader.find(query, input.optionalKey('prefix'), signal)) {
      searched = scanned;
      isComplete = hits.every(
        ({ key, value }) =>
          list.entries.length < MAX_HITS &&
          list.add({ ...keyField('key', key), ...(value && { line: value.line + 1, text: value.excerpt }) }),
      );
      isComplete &&= performance.now() < end;
      if (!isComplete) break;
    }
    const data = { connection: name, searchedKeys: searched, isComplete, hits: list.entries };
    return { data, keys: list.entries.length };
  },
};

/** Shows the earlier versions of a key. */
export const keyHistory: ToolHandler = {
  question: (input) => ({
    title: l10n.t('Read the history of a key of etcd?'),
    doing: l10n.t('Reading the history of a key of etcd'),
    detail: [...connectionLine(input), l10n.t('Key: {0}', input.shown('key'))],
  }),
  run: async ({ connections }, input, signal) => {
    const { reader, name } = readerFor(connections, input);
    const key = input.key('key');
    const most = input.count('limit', MAX_VERSIONS);
    const list = new AnswerList();
    let more = false;
    for await (const entry of reader.history(key, signal)) {
      more = list.entries.length >= most || !list.add(await historyFields(reader, key, entry));
      if (more) break;
    }
    const data = { connection: name, ...keyField('key', key), newestFirst: list.entries, more };
    return { data, keys: list.entries.length > 0 ? 1 : 0 };
  },
};

/** Checks the members of a cluster. */
export const clusterHealth: ToolHandler = {
  question: (input) => ({
    title: l10n.t('Check the health of an etcd cluster?'),
    doing: l10n.t('Checking an etcd cluster'),
    detail: connectionLine(input),
  }),
  run: async ({ connections }, input, signal) => {
    const { reader, name } = readerFor(connections, input);
    const list = new AnswerList();
    for (const { severity, member, subject, text } of await reader.health(signal))
      list.add({ severity, ...(member && { member: memberName(member) }), subject, text });
    return { data: { connection: name, findings: list.entries }, keys: 0 };
  },
};

/** Returns the line of a question that names the connection, if the model does. */
export function connectionLine(input: ToolInput): string[] {
  const name = input.shown('connection');
  return name === '' ? [] : [l10n.t('Connection: {0}', name)];
}

function readerFor(connections: CommandContext['connections'], input: ToolInput) {
  const connection = toolConnection(connections, input.optionalText('connection'), workspace.isTrusted);
  return { reader: new ToolReader(connection), name: connection.name };
}

async function historyFields(reader: ToolReader, key: Uint8Array, entry: HistoryEntry): Promise<object> {
  if (entry.kind !== 'version') return { what: entry.kind, revision: String(entry.revision) };
  const { kv } = entry;
  const shown = await reader.shown(key, kv.value);
  return { what: entry.kind, ...revisionFields(kv), ...valueFields(kv.value.length, shown, MAX_OTHER_VALUE) };
}
