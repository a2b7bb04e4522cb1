import assert from 'node:assert/strict';
import bundle from '../../../l10n/bundle.l10n.json' with { type: 'json' };

const NOUNS = [
  ...['key', 'byte', 'change', 'event', 'revision', 'version', 'lease', 'member', 'folder', 'user', 'role', 'second'],
  ...['day', 'node', 'field', 'file', 'value', 'certificate', 'endpoint', 'failure', 'warning', 'figure', 'request'],
];
const COUNTED = new RegExp(String.raw`\{\d\} ((?:new|pinned|voting|smaller) )?(${NOUNS.join('|')})s\b`, 'g');

/** Texts whose number is never 1. */
const SEVERAL = [
  // Limits.
  'At most {0} keys can be restored at once.',
  'Only the latest {0} versions are shown.',
  'The latest {0} events are kept, the newest first.',
  'This level has more than {0} folders and keys. Measure a folder of it.',
  'Import… and Undo… can use it for {0} days',
  'Keep the last {0} revisions',
  // There is another text for one.
  'Copy {0} keys and folders as…',
  'Defragment all {0} members of {1}, one after the other?',
  'Delete all {0} keys that start with {1} from {2}?',
  'Restore {0} keys of {1}?',
  'Restored {0} keys of {1}',
  'The {0} revisions from {1} up to {2} are forgotten: history and time travel before revision {3} are lost.',
  '{0} changes in {1} ({2}), the latest of them {3}.',
  '{0} days',
  '{0} keys and folders',
  '{0} keys and folders of {1}',
  '{0} leases',
  // The number is one of several things, or a rate.
  'All {0} figures are within their limits.',
  'None of the {0} endpoints can be used. {1}',
  'The file is cut off: it has {0} of at least {1} bytes.',
  'only {0} of {1} bytes were written to {2}',
  '{0} events, the latest {1} kept',
  '{0} members have the same hash at revision {1}.',
  '{0} of {1} folders and keys of {2} were sampled …',
  '{0} of {1} keys of {2} were read …',
  '{0} of {1} voting members are healthy.',
  "{0} requests per second, {1} of which fail (limit {2}). This page's own requests are included.",
];

/** A text as it is compared with others: without the numbers of its placeholders. */
const normal = (text: string) => text.replaceAll(/\{\d\}/g, '{}');

function singular(text: string, one: string): string {
  const counted = text.replaceAll(
    COUNTED,
    (_, adjective: string | undefined, noun) => `${one} ${adjective ?? ''}${noun}`,
  );
  return normal(
    counted
      .replaceAll(/\bwere\b/g, 'was')
      .replaceAll(/\bare\b/g, 'is')
      .replaceAll(/\bhave\b/g, 'has'),
  );
}

describe('a text with a number', () => {
  const texts = Object.keys(bundle);
  const known = new Set(texts.map(normal));

  it('has a form for one, unless there are always several', () => {
    const counted = texts.filter((text) => text.search(COUNTED) >= 0);
    assert.ok(counted.length > 15);
    const alone = counted.filter((text) => !known.has(singular(text, '1')) && !known.has(singular(text, 'one')));
    assert.deepEqual(alone.toSorted(), SEVERAL.toSorted());
  });
});
