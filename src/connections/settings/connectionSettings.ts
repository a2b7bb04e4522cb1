import { isDeepStrictEqual } from 'node:util';
import { ConfigurationTarget, l10n, Uri, workspace } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import {
  readProfiles,
  type ConnectionProfile,
  type ConnectionSettings,
  type ConnectionSource,
  type SettingsFolder,
  type SettingsPlace,
} from './connectionProfile.ts';
import { changeSettingsFile } from './settingsFile.ts';
import type { JsonChange } from './settingsText.ts';

// See docs/contributing/decisions/trust.md

const SECTION = 'etcd';
const KEY = 'connections';
export const CONNECTIONS_SETTING = `${SECTION}.${KEY}`;
/** This extension's other settings. */
const OTHER_KEYS = ['savedSearches', 'pinnedFolders', 'languages', 'autoSave', 'live', 'validateBeforeSave'];
/** Milliseconds within which VS Code notices a changed file; after that, it does not read this file. */
const TAKEOVER_LIMIT = 10_000;

/** Reads the user's connections and, if the workspace is trusted, those of the workspace and of each of its folders. */
export function readAllProfiles(): ConnectionProfile[] {
  const lists = inspect();
  const user = readProfiles(lists?.globalValue, 'user');
  if (!workspace.isTrusted) return user;
  const folders = foldersWithSettings().flatMap((folder) =>
    readProfiles(listOf({ source: 'workspace', folder }), 'workspace', folder),
  );
  return [...user, ...readProfiles(lists?.workspaceValue, 'workspace'), ...folders];
}

/** Returns the folders with settings of their own: those of a workspace that has a file of its own. */
function foldersWithSettings(): SettingsFolder[] {
  if (!workspace.workspaceFile) return [];
  return (workspace.workspaceFolders ?? []).map(({ uri, name }) => ({
    uri: uri.toString(),
    name,
    ...(uri.scheme === 'file' && { path: uri.fsPath }),
  }));
}

/**
 * Changes the entries of `etcd.connections`, one property at a time, so that everything else in the settings file stays
 * as written.
 */
export class ConnectionEntries {
  readonly #storage: Uri;
  #last: Promise<void> = Promise.resolve();

  /** @param storage of this extension */
  constructor(storage: Uri) {
    this.#storage = storage;
  }

  /** Adds an entry to the user's or the workspace's list. */
  async add(settings: ConnectionSettings, source: ConnectionSource): Promise<void> {
    await this.#change({ source }, (entries) => [{ path: [entries.length], value: settings, insert: true }]);
  }

  /**
   * Changes a connection's settings.
   * @throws EtcdError if its entry is no longer there
   */
  async update(profile: ConnectionProfile, settings: ConnectionSettings): Promise<void> {
    const before = unknownFields(profile.settings);
    const after = unknownFields(settings);
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
    await this.#change(profile, (entries) => {
      const index = indexOf(entries, profile);
      return changed.map((name) => ({ path: [index, name], value: after[name] }));
    });
  }

  /**
   * Pins one more certificate, in addition to everything that the connection trusts already.
   * @throws EtcdError if its entry is no longer there
   */
  async pin(profile: ConnectionProfile, pin: string): Promise<void> {
    await this.#change(profile, (entries) => {
      const index = indexOf(entries, profile);
      const { pinnedSha256: pins } = unknownFields(entries[index]);
      if (!Array.isArray(pins)) return [{ path: [index, 'pinnedSha256'], value: [pin] }];
      return [{ path: [index, 'pinnedSha256', pins.length], value: pin, insert: true }];
    });
  }

  /** @throws EtcdError if its entry is no longer there */
  async remove(profile: ConnectionProfile): Promise<void> {
    await this.#change(profile, (entries) =>
      entries.length === 1
        ? [{ path: [], value: undefined }]
        : [{ path: [indexOf(entries, profile)], value: undefined }],
    );
  }

  /** Queues changes, so that each starts from what VS Code has read of the one before. */
  async #change(place: SettingsPlace, changesOf: (entries: readonly unknown[]) => JsonChange[]): Promise<void> {
    const change = this.#last.then(() => this.#changeNow(place, changesOf));
    this.#last = change.catch(() => undefined);
    await change;
  }

  async #changeNow(place: SettingsPlace, changesOf: (entries: readonly unknown[]) => JsonChange[]): Promise<void> {
    const present = listOf(place);
    const entries: readonly unknown[] = Array.isArray(present) ? present : [];
    const changes = changesOf(entries);
    if (changes.length === 0) return;
    const wanted = await changedList(entries, changes);
    const isThere = Array.isArray(present);
    if (isThere && (await changeSettingsFile(place, this.#storage, CONNECTIONS_SETTING, present, changes))) {
      await readAgain(place);
      if (await isTakenOver(place, wanted)) return;
    }
    await update(place, KEY, wanted);
  }
}

/** Returns the list as VS Code should have it after these changes. */
async function changedList(entries: readonly unknown[], changes: readonly JsonChange[]): Promise<unknown> {
  const { changedText, valueAt } = await import('./settingsText.ts');
  const text = changedText(
    JSON.stringify({ list: entries }),
    changes.map((change) => ({ ...change, path: ['list', ...change.path] })),
  );
  return valueAt(text, ['list']);
}

/** Finds an entry by its id, because names may be missing or shared. @throws EtcdError */
function indexOf(entries: readonly unknown[], { id, source, folder, settings }: ConnectionProfile): number {
  const index = readProfiles(entries, source, folder).findIndex((profile) => profile.id === id);
  if (index >= 0) return index;
  throw new EtcdError(
    'configuration',
    l10n.t('The connection {0} is no longer in the settings. Nothing was changed.', settings.name),
  );
}

function listOf({ source, folder }: SettingsPlace): unknown {
  const lists = inspect(folder);
  if (folder) return lists?.workspaceFolderValue;
  return source === 'user' ? lists?.globalValue : lists?.workspaceValue;
}

/**
 * Makes VS Code read a settings file that was changed outside of VS Code, which it would notice late or never. It reads
 * the file after an update, even one that removes a setting that does not exist.
 */
async function readAgain(place: SettingsPlace): Promise<void> {
  // VS Code watches the settings of folders, and none of the other settings is valid there.
  if (place.folder) return;
  const section = workspace.getConfiguration(SECTION);
  const isAbsent = (key: string) => {
    const { globalValue, workspaceValue } = section.inspect(key) ?? {};
    return (place.source === 'user' ? globalValue : workspaceValue) === undefined;
  };
  const absent = OTHER_KEYS.find(isAbsent);
  if (absent !== undefined) await update(place, absent, undefined);
}

async function isTakenOver(place: SettingsPlace, wanted: unknown): Promise<boolean> {
  const isThere = () => isDeepStrictEqual(listOf(place), wanted);
  if (isThere()) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const listener = workspace.onDidChangeConfiguration(() => {
    if (isThere()) resolve(true);
  });
  const timer = setTimeout(() => resolve(false), TAKEOVER_LIMIT);
  return await promise.finally(() => {
    clearTimeout(timer);
    listener.dispose();
  });
}

/** @throws EtcdError with VS Code's own reason, such as errors in the settings file */
async function update({ source, folder }: SettingsPlace, key: string, value: unknown): Promise<void> {
  const shared = folder ? ConfigurationTarget.WorkspaceFolder : ConfigurationTarget.Workspace;
  const target = source === 'user' ? ConfigurationTarget.Global : shared;
  try {
    await configuration(folder).update(key, value, target);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new EtcdError('configuration', l10n.t('The settings were not changed. {0}', cause.message), { cause });
  }
}

function inspect(folder?: SettingsFolder) {
  return configuration(folder).inspect<unknown>(KEY);
}

function configuration(folder: SettingsFolder | undefined) {
  return workspace.getConfiguration(SECTION, folder && Uri.parse(folder.uri));
}

/** Describes for a sentence which settings define a connection. */
export function placeText({ source, folder }: SettingsPlace): string {
  if (folder) return l10n.t('the settings of the folder {0}', folder.name);
  return source === 'user' ? l10n.t('the user settings') : l10n.t('the settings of this workspace');
}
