import { ConfigurationTarget, workspace } from 'vscode';
import { unknownFields } from '../etcd/unknownFields.ts';
import {
  readProfiles,
  type ConnectionProfile,
  type ConnectionSettings,
  type ConnectionSource,
} from './connectionProfile.ts';

const SECTION = 'etcd';
const KEY = 'connections';
export const CONNECTIONS_SETTING = `${SECTION}.${KEY}`;

/** The connections of both lists; the workspace's only where the workspace is trusted. */
export function readAllProfiles(): ConnectionProfile[] {
  const lists = inspect();
  return [
    ...readProfiles(lists?.globalValue, 'user'),
    ...(workspace.isTrusted ? readProfiles(lists?.workspaceValue, 'workspace') : []),
  ];
}

/** Adds an entry to the user's or the workspace's list. */
export async function addConnectionSettings(settings: ConnectionSettings, source: ConnectionSource): Promise<void> {
  await write(source, [...entriesOf(source), settings]);
}

/** Changes one entry of the list that the profile comes from, leaving the others as they are written. */
export async function updateConnectionSettings(
  profile: ConnectionProfile,
  settings: ConnectionSettings,
): Promise<void> {
  await write(
    profile.source,
    entriesOf(profile.source).map((entry) => (isNamed(entry, profile) ? settings : entry)),
  );
}

export async function removeConnectionSettings(profile: ConnectionProfile): Promise<void> {
  await write(
    profile.source,
    entriesOf(profile.source).filter((entry) => !isNamed(entry, profile)),
  );
}

function isNamed(entry: unknown, { settings }: ConnectionProfile): boolean {
  const { name } = unknownFields(entry);
  return typeof name === 'string' && name.trim() === settings.name;
}

function entriesOf(source: ConnectionSource): unknown[] {
  const lists = inspect();
  const list = source === 'user' ? lists?.globalValue : lists?.workspaceValue;
  return Array.isArray(list) ? list : [];
}

async function write(source: ConnectionSource, entries: readonly unknown[]): Promise<void> {
  const target = source === 'user' ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
  await workspace.getConfiguration(SECTION).update(KEY, entries.length > 0 ? entries : undefined, target);
}

function inspect() {
  return workspace.getConfiguration(SECTION).inspect<unknown>(KEY);
}
