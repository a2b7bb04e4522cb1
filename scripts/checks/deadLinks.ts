import { dirname, posix } from 'node:path';

const FENCE = /^```[\s\S]*?^```/gm;
const INLINE_CODE = /`[^`\n]*`/g;
const LINK = /\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g;
const HEADING = /^#{1,6} (.+)$/gm;
const ELSEWHERE = /^[a-z][a-z\d+.-]*:/i;

/**
 * Finds relative links that lead nowhere in Markdown files.
 * @param files texts of the Markdown files, by their paths from the project's root, with `/`
 * @param exists whether another file of the project exists, by such a path
 * @returns a sentence for each link whose file or heading does not exist
 */
export function deadLinks(files: ReadonlyMap<string, string>, exists: (path: string) => boolean): string[] {
  return [...files].flatMap(([path, text]) =>
    targetsIn(text).flatMap((target) => {
      if (ELSEWHERE.test(target)) return [];
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : posix.join(dirname(path), file);
      const markdown = files.get(linked);
      if (markdown === undefined) return exists(linked) ? [] : [`${path}: ${target} does not exist.`];
      if (anchor === undefined || anchorsIn(markdown).has(anchor)) return [];
      return [`${path}: ${linked} has no heading #${anchor}.`];
    }),
  );
}

function targetsIn(text: string): string[] {
  const prose = text.replaceAll(FENCE, '').replaceAll(INLINE_CODE, '');
  return [...prose.matchAll(LINK)].map(([, link, picture]) => link ?? picture ?? '');
}

/** The anchors that GitHub gives to headings. */
function anchorsIn(text: string): Set<string> {
  const headings = [...text.replaceAll(FENCE, '').matchAll(HEADING)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
