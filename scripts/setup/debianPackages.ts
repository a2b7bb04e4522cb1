import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, run } from './command.mjs';

export type DebianSuite = 'bookworm' | 'trixie' | 'sid';

const aptFolder = '/etc/apt';
const debianSuites = new Set([
  ...['bullseye', 'bookworm', 'trixie', 'forky', 'sid'],
  ...['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'],
]);

interface AptSource {
  readonly extension: '.sources' | '.list';
  readonly text: string;
}

/** Parses the fields of a deb822 stanza, with their continuation lines and without comments. */
function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const field = /^([A-Za-z0-9-]+):(.*)$/.exec(line);
    if (field?.[1] !== undefined) {
      current = field[1].toLowerCase();
      fields.set(current, field[2] ?? '');
    } else if (current !== undefined) {
      fields.set(current, `${fields.get(current) ?? ''}\n${line}`);
    }
  }
  return fields;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function sourceFromDeb822(text: string, suite: DebianSuite): AptSource | undefined {
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    const fields = fieldsOf(stanza);
    const usable =
      words(fields.get('types')).includes('deb') &&
      words(fields.get('suites')).some((name) => debianSuites.has(name)) &&
      words(fields.get('components')).includes('main') &&
      words(fields.get('enabled'))[0] !== 'no';
    if (!usable) continue;
    fields.set('types', ' deb').set('suites', ` ${suite}`).set('components', ' main');
    return { extension: '.sources', text: [...fields].map(([name, value]) => `${name}:${value}\n`).join('') };
  }
  return undefined;
}

function sourceFromList(text: string, suite: DebianSuite): AptSource | undefined {
  for (const line of text.split('\n')) {
    const entry = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!entry) continue;
    const [, options = '', address = '', name = '', components] = entry;
    if (!debianSuites.has(name) || !words(components).includes('main')) continue;
    return { extension: '.list', text: `deb ${options}${address} ${suite} main\n` };
  }
  return undefined;
}

/** Returns the machine's own apt source for Debian, with the suite's name replaced. */
function debianSource(fileName: string, text: string, suite: DebianSuite): AptSource | undefined {
  if (fileName.endsWith('.sources')) return sourceFromDeb822(text, suite);
  return fileName.endsWith('.list') ? sourceFromList(text, suite) : undefined;
}

async function machineSource(suite: DebianSuite): Promise<AptSource> {
  const parts = await readdir(join(aptFolder, 'sources.list.d')).catch(() => []);
  for (const path of ['sources.list', ...parts.map((name) => join('sources.list.d', name))]) {
    const text = await readFile(join(aptFolder, path), 'utf8').catch(() => '');
    const source = debianSource(path, text, suite);
    if (source) return source;
  }
  throw new Error("none of this machine's apt sources is Debian's");
}

/**
 * Downloads Debian packages of a suite and unpacks them into `target`. Needs no root and changes nothing on the
 * machine: the package lists and archives are in `work`, which can be removed afterwards.
 */
export async function unpackDebianPackages(
  suite: DebianSuite,
  packages: readonly string[],
  target: string,
  work: string,
): Promise<void> {
  if (!findOnPath('apt-get') || !findOnPath('dpkg')) throw new Error('this machine has no apt-get and dpkg');
  const source = await machineSource(suite);
  const sourceFile = join(work, `debian${source.extension}`);
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(sourceFile, source.text);
  const options = [
    `-oDir::Etc::SourceList=${sourceFile}`,
    '-oDir::Etc::SourceParts=/dev/null',
    '-oDir::Etc::Preferences=/dev/null',
    '-oDir::Etc::PreferencesParts=/dev/null',
    `-oDir::State::Lists=${join(work, 'lists')}`,
    `-oDir::Cache=${join(work, 'cache')}`,
    '-oAcquire::Languages=none',
    '-oAPT::Sandbox::User=',
  ];
  // Without this option, apt reports failed downloads of its lists as warnings and continues without them.
  await run('apt-get', [...options, '-oAPT::Update::Error-Mode=any', 'update'], { cwd: work });
  await run('apt-get', [...options, 'download', ...packages], { cwd: work });
  for (const archive of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg', ['-x', join(work, archive), target]);
  }
}
