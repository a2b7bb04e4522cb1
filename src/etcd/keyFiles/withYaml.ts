import { setImmediate } from 'node:timers/promises';
import { encodingOf } from '../kubernetes/encodings.ts';
import type { FileEntry, FilePart } from './fileEntry.ts';

// See docs/contributing/decisions/key-files.md

/** Characters of YAML that are written before other work gets its turn. */
const WRITTEN_AT_ONCE = 64 * 1024;

/** Adds the YAML of Kubernetes objects to the parts of a file. Custom resources, which are text, stay as they are. */
export async function* withYaml(parts: AsyncIterable<FilePart>): AsyncGenerator<FilePart> {
  for await (const part of parts)
    if ('entries' in part && part.entries.some(isBinaryObject)) yield { entries: await shown(part.entries) };
    else yield part;
}

function isBinaryObject({ value }: FileEntry): boolean {
  const encoding = encodingOf(value);
  return encoding !== undefined && encoding !== 'json';
}

async function shown(entries: readonly FileEntry[]): Promise<FileEntry[]> {
  // Loaded when an export meets the first such value.
  const { yamlIfReadable } = await import('../kubernetes/storedObject.ts');
  const all: FileEntry[] = [];
  let written = 0;
  for (const entry of entries) {
    const yaml = isBinaryObject(entry) ? yamlIfReadable(entry.value) : undefined;
    all.push({ ...entry, ...(yaml !== undefined && { yaml }) });
    written += yaml?.length ?? 0;
    if (written < WRITTEN_AT_ONCE) continue;
    await setImmediate();
    written = 0;
  }
  return all;
}
