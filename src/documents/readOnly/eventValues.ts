import { EventEmitter, FileType, l10n, Uri, type FileStat, type FileSystemProvider } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { RecordedEvent } from '../../etcd/watch/eventRing.ts';
import { contentIn, formOf } from '../valueForms.ts';
import { formUriParts } from '../addresses/keyUri.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { openDiff } from '../../ui/text/editors.ts';

/** Values that a watch has recorded and still keeps. The authority is the watch's id. */
export const EVENT_SCHEME = 'etcd-event';

const QUERY = /^\{"side":"(before|after)","event":(\d+),"form":"(text|hex|yaml)"\}$/;

export class EventValues extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #eventOf: (watchId: string, number: number) => RecordedEvent | undefined;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(eventOf: (watchId: string, number: number) => RecordedEvent | undefined) {
    super();
    this.#eventOf = eventOf;
  }

  async stat(uri: Uri): Promise<FileStat> {
    return { type: FileType.File, ctime: 0, mtime: 0, size: (await this.readFile(uri)).length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const [, side, number, form] = QUERY.exec(uri.query) ?? [];
    const event = number === undefined ? undefined : this.#eventOf(uri.authority, Number(number));
    if (!event || event.valuesDropped) throw FileSystemError.FileNotFound(uri);
    const value = side === 'before' ? event.previous?.value : event.value;
    return value ? await contentIn(form === 'yaml' || form === 'hex' ? form : 'text', value) : new Uint8Array();
  }
}

/** Shows the change of an event, from the values in the event. */
export async function compareEvent(watchId: string, event: RecordedEvent): Promise<void> {
  const { number, key, value, previous, revision } = event;
  const form = await formOf(value, previous?.value);
  const uri = (side: 'before' | 'after') =>
    Uri.from({
      ...formUriParts({ connectionId: watchId, key }, form),
      scheme: EVENT_SCHEME,
      query: JSON.stringify({ side, event: number, form }),
    });
  const none = l10n.t('no such key');
  const before = previous ? l10n.t('revision {0}', String(previous.modRevision)) : none;
  const after = value ? l10n.t('revision {0}', String(revision)) : none;
  const title = l10n.t('{0} ({1} ↔ {2})', keyText(key), before, after);
  await openDiff(uri('before'), uri('after'), title, { preview: true });
}
