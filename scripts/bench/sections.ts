import { activation } from './activation.ts';
import { documents } from './documents.ts';
import { editor } from './editor.ts';
import { exports } from './exports.ts';
import { listing } from './listing.ts';
import { memory } from './memory.ts';
import { search } from './search.ts';
import type { Section } from './section.ts';
import { snapshots } from './snapshots.ts';
import { unseen } from './unseen.ts';
import { watching } from './watching.ts';

/** Sections in the order in which they run. */
export const SECTIONS: readonly Section[] = [
  listing,
  unseen,
  search,
  documents,
  watching,
  editor,
  memory,
  exports,
  snapshots,
  activation,
];
