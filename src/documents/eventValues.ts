import {
  commands,
  EventEmitter,
  FileSystemError,
  FileType,
  l10n,
  Uri,
  type FileStat,
  type FileSystemProvider,
} from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { RecordedEvent } from '../etcd/watch/eventRing.ts';
import { hexDump } from './hexDump.ts';
import { keyUriParts } from './keyUri.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import { isText } from './textValue.ts';

/** Values that a watch has recorded, as long as it keeps them. The authority is the watch's id. */
export const EVENT_SCHEME = 'etcd-event';

const QUERY = /^\{"side":"(before|after)","event":(\d+),"hex":(true|false)\}$/;

export class EventValues extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #eventOf: (watchId: string, number: number) => RecordedEvent | undefined;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(eventOf: (watchId: string, number: number) => RecordedEvent | undefined) {
    super();
    this.#eventOf = eventOf;
  }

  stat(uri: Uri): FileStat {
    return { type: FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length };
  }

  readFile(uri: Uri): Uint8Array {
    const [, side, number, hex] = QUERY.exec(uri.query) ?? [];
    const event = number === undefined ? undefined : this.#eventOf(uri.authority, Number(number));
    if (!event || event.valuesDropped) throw FileSystemError.FileNotFound(uri);
    const value = (side === 'before' ? event.previous?.value : event.value) ?? new Uint8Array();
    return hex === 'true' ? hexDump(value) : value;
  }
}

/** Shows what an event has changed, from the values that came with it. */
export async function compareEvent(watchId: string, event: RecordedEvent): Promise<void> {
  const { number, key, value, previous, revision } = event;
  const hex = [value, previous?.value].some((each) => each && !isText(each));
  const uri = (side: 'before' | 'after') =>
    Uri.from({
      ...keyUriParts({ connectionId: watchId, key }),
      scheme: EVENT_SCHEME,
      query: JSON.stringify({ side, event: number, hex }),
    });
  const none = l10n.t('no such key');
  const before = previous ? l10n.t('revision {0}', String(previous.modRevision)) : none;
  const after = value ? l10n.t('revision {0}', String(revision)) : none;
  const title = l10n.t('{0} ({1} ↔ {2})', keyText(key), before, after);
  await commands.executeCommand('vscode.diff', uri('before'), uri('after'), title, { preview: true });
}
