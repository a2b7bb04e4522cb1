import assert from 'node:assert/strict';
import { parseEnv } from 'node:util';
import { binaryTag, CORE_SCHEMA, dump, load } from 'js-yaml';
import { fileText } from '../../../src/etcd/keyFiles/exportKeys.ts';
import { type FileEntry, type FileHeader, type FilePart } from '../../../src/etcd/keyFiles/fileEntry.ts';
import { asText } from '../../../src/etcd/utf8.ts';
import { formatOf, TEXT_FORMATS, type TextFormat } from '../../../src/etcd/keyFiles/formats.ts';
import { failsAs } from '../../etcd/errorKind.ts';
import { Random } from '../listing/random.ts';
import { cutUp, gathered, randomEntries } from './randomEntries.ts';

const YAML = CORE_SCHEMA.withTags(binaryTag);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* parts(header: FileHeader, entries: readonly FileEntry[]): AsyncGenerator<FilePart> {
  yield { header };
  yield { entries: entries.slice(0, 3) };
  yield { entries: entries.slice(3) };
}

async function written(format: TextFormat, header: FileHeader, entries: readonly FileEntry[]) {
  const writer = TEXT_FORMATS[format].writer();
  let text = '';
  for await (const piece of fileText(parts(header, entries), writer)) text += piece;
  return { text, leftOut: writer.leftOut };
}

/** Returns the same objects with their members in other orders. */
function reordered(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((each) => reordered(each, random));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const members = Object.entries(value).map(([name, member]) => [name, reordered(member, random)] as const);
  for (let at = members.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    const [a, b] = [members[at], members[other]];
    if (a && b) [members[at], members[other]] = [b, a];
  }
  return Object.fromEntries(members);
}

describe('keys in text files', () => {
  for (const format of ['json', 'yaml'] as const)
    it(`${format} gives back every key and value byte by byte, with their facts, however the file is cut up`, async () => {
      const random = new Random(3);
      for (let run = 0; run < 150; run++) {
        const prefix = random.pick(['', '/app/', 'no slash', '/ü\n/']);
        const entries = randomEntries(random, prefix, run % 2 === 0);
        const header = { prefix: bytes(prefix), ...(run % 3 > 0 && { revision: 2n ** 62n, cluster: 'cdf8ffbd' }) };
        const { text } = await written(format, header, entries);
        const read = await gathered(TEXT_FORMATS[format].read(cutUp(text, random)));
        assert.deepEqual(read, { header, entries }, text);
      }
    });

  it('json and yaml show a value as YAML beside it, and read only the value', async () => {
    const entry = { key: bytes('/a'), value: Uint8Array.of(0, 255), lease: 7n };
    for (const format of ['json', 'yaml'] as const) {
      const { text } = await written(format, { prefix: bytes('/') }, [{ ...entry, yaml: 'kind: Pod\n' }]);
      assert.match(text, format === 'json' ? /"forReading":"kind: Pod\\n"/ : /^ {2}forReading: \|\n {4}kind: Pod$/m);
      assert.deepEqual((await gathered(TEXT_FORMATS[format].read(cutUp(text, new Random(1))))).entries, [entry]);
    }
  });

  it('json and yaml say the same in whatever order their members are', async () => {
    const random = new Random(6);
    for (let run = 0; run < 150; run++) {
      const prefix = random.pick(['', '/app/', '/ü\n/']);
      const entries = randomEntries(random, prefix, run % 2 === 0);
      const header = { prefix: bytes(prefix), revision: 2n ** 62n, cluster: 'cdf8ffbd' };
      const json: unknown = JSON.parse((await written('json', header, entries)).text);
      const shuffled = reordered(json, random);
      const asJson = JSON.stringify(shuffled, undefined, random.pick([undefined, 2]));
      assert.deepEqual(await gathered(TEXT_FORMATS.json.read(cutUp(asJson, random))), { header, entries }, asJson);
      const yaml: unknown = load((await written('yaml', header, entries)).text, { schema: YAML });
      const asYaml = dump(reordered(yaml, random), { schema: YAML });
      assert.deepEqual(await gathered(TEXT_FORMATS.yaml.read(cutUp(asYaml, random))), { header, entries }, asYaml);
    }
  });

  it('reads the comments of an .env wherever they are, and refuses those whose assignment is lost', async () => {
    const read = (text: string) => gathered(TEXT_FORMATS.env.read(cutUp(text, new Random(1))));
    const text = "# key: /app/a\nA=1\nB='two'\n# cluster: ab\n# prefix: /app/\n# revision: 7\n";
    assert.deepEqual(await read(`\ufeff${text}`), {
      header: { prefix: bytes('/app/'), revision: 7n, cluster: 'ab' },
      entries: [
        { key: bytes('/app/a'), value: bytes('1') },
        { key: bytes('/app/B'), value: bytes('two') },
      ],
    });
    await assert.rejects(read('# key: /a\n# key: /b\nA=1\nB=2\n'), /line 1 names a key, and no assignment follows/);
    await assert.rejects(read('# key: /a\nA=1\n# key: /b\n'), /line 3 names a key, and no assignment follows/);
    await assert.rejects(read('# cluster: a\nA=1\n# cluster: b\nB=1\n'), /line 3 contradicts/);
  });

  it('refuses bytes that are no text, rather than to put others in their place', async () => {
    async function* latin1(text: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text, 'latin1');
    }
    for (const [format, text] of [
      ['json', '{"keys":[{"key":"/a","value":"\xe4"}]}'],
      ['yaml', 'keys:\n- key: /a\n  value: "\xe4"\n'],
      ['env', "A='\xe4'\n"],
    ] as const)
      await assert.rejects(gathered(TEXT_FORMATS[format].read(latin1(text))), /not UTF-8 text/);
  });

  it('env gives back every key, and every value that it does not name as left out', async () => {
    const random = new Random(4);
    for (let run = 0; run < 150; run++) {
      const prefix = random.pick(['', '/app/']);
      const entries = randomEntries(random, prefix, false);
      const header = { prefix: bytes(prefix), revision: 12n };
      const { text, leftOut } = await written('env', header, entries);
      const read = await gathered(TEXT_FORMATS.env.read(cutUp(text, random)));
      assert.deepEqual(read.header, header);
      assert.equal(read.entries.length, entries.length - leftOut);
      assert.deepEqual(
        read.entries,
        entries.filter(({ key }) => read.entries.some((each) => Buffer.compare(each.key, key) === 0)),
      );
      assert.equal([...text.matchAll(/# left out/g)].length, leftOut);
      assert.deepEqual(
        Object.values(parseEnv(text)).toSorted(),
        read.entries.map(({ value }) => asText(value)).toSorted(),
      );
    }
  });

  it('env derives names from what follows the prefix, each only once', async () => {
    const entry = (key: string) => ({ key: bytes(`/app/${key}`), value: bytes(key) });
    const { text } = await written('env', { prefix: bytes('/app/') }, ['db/host', 'db-host', '1st', 'é'].map(entry));
    assert.deepEqual(Object.keys(parseEnv(text)).toSorted(), ['DB_HOST', 'DB_HOST_2', '_', '_1ST']);
  });

  it('reads an .env that somebody else wrote', async () => {
    const text = 'export A=1 # not part of it\nB="two\\nlines"\nC = \'$as is\'\n';
    const { entries } = await gathered(TEXT_FORMATS.env.read(cutUp(text, new Random(1))));
    assert.deepEqual(
      entries.map(({ key, value }) => [asText(key), asText(value)]),
      [
        ['A', '1'],
        ['B', 'two\nlines'],
        ['C', '$as is'],
      ],
    );
  });

  it('reads what etcdctl prints as JSON', async () => {
    const text =
      '{"header":{"cluster_id":14841639068965178418,"revision":7},"kvs":[{"key":"L2E=","create_revision":4,"mod_revision":6,"value":"AP8="},{"key":"L2I="}],"count":2}';
    const { header, entries } = await gathered(TEXT_FORMATS.json.read(cutUp(text, new Random(1))));
    assert.deepEqual(header, { prefix: new Uint8Array(), revision: 7n });
    assert.deepEqual(entries, [
      { key: bytes('/a'), value: Uint8Array.of(0, 255), modRevision: 6n },
      { key: bytes('/b'), value: new Uint8Array() },
    ]);
  });

  it('leaves out the byte order mark before a JSON file, also where a piece ends within it', async () => {
    const file = Buffer.from('\ufeff{"keys": [{"key": "/a", "value": "\ufeffb"}]}');
    for (const cuts of [[], [1], [2], [3], [1, 2], [0, 1, 1, 3]]) {
      const pieces = [0, ...cuts].map((start, index) => file.subarray(start, cuts[index]));
      const read = TEXT_FORMATS.json.read(
        (async function* () {
          yield* pieces;
        })(),
      );
      const { entries } = await gathered(read);
      assert.deepEqual(entries, [{ key: bytes('/a'), value: bytes('\ufeffb') }], String(cuts));
    }
  });

  it('reads YAML that an editor has formatted anew', async () => {
    const text =
      '# mine\nprefix: /a/\nkeys: # all\n  - key: /a/b\n    value: |\n      - one\n      - two\n\n  -   value: "x"\n      key: /a/c\n';
    const { header, entries } = await gathered(TEXT_FORMATS.yaml.read(cutUp(text, new Random(1))));
    assert.deepEqual(header, { prefix: bytes('/a/') });
    assert.deepEqual(
      entries.map(({ value }) => asText(value)),
      ['- one\n- two\n', 'x'],
    );
  });

  const bad: readonly [TextFormat, string, RegExp][] = [
    ['json', '{"keys": [{"key": "/a", "value": "b"}', /not valid JSON/],
    ['json', '{"keys": [{"key": "/a"}]}', /"key" and "value"/],
    ['json', '{"keys": [{"key": "/a", "valueBase64": "*"}]}', /base64/],
    ['json', '{"keys": [}', /not valid JSON/],
    ['json', '{"revision": "x", "keys": []}', /"revision" is not a whole number/],
    ['yaml', 'keys:\n- key: /a\n  value: 1\n', /"value" must be a string/],
    ['yaml', 'keys:\n- key: [\n', /not valid YAML/],
    ['yaml', 'hello: world\n', /has no "keys"/],
    ['json', 'null', /has no "keys"/],
    ['env', 'A=1\nhello\n', /line 2 is not an assignment/],
    ['env', "A=1\nB='open\n", /line 2 is not closed/],
  ];
  for (const [format, text, sentence] of bad)
    it(`says what is wrong with the ${format} ${JSON.stringify(text)}`, async () => {
      await assert.rejects(gathered(TEXT_FORMATS[format].read(cutUp(text, new Random(1)))), sentence);
    });

  it('tells the form from the name of a file', () => {
    const names = ['a.json', 'b.YML', 'c.yaml', '.env', 'prod.env', '.env.local', 'd.txt'];
    assert.deepEqual(names.map(formatOf), ['json', 'yaml', 'yaml', 'env', 'env', 'env', undefined]);
  });

  const endless: Readonly<Record<string, readonly [TextFormat, string, string]>> = {
    'a line of YAML': ['yaml', 'format: etcd-keys\nkeys:\n- key: a\n  value: ', 'x'.repeat(1024)],
    'an item of YAML': ['yaml', 'format: etcd-keys\nkeys:\n- key: a\n  value: |\n', `    ${'x'.repeat(1024)}\n`],
    'the header of YAML': ['yaml', 'format: etcd-keys\n', `# ${'x'.repeat(1024)}\n`],
    'an item of JSON': ['json', '{"format":"etcd-keys","keys":[{"key":"a","value":"', 'x'.repeat(1024)],
    'the header of JSON': ['json', '{"format":"etcd-keys","more":"', 'x'.repeat(1024)],
    'a value of variables': ['env', "A='", `${'x'.repeat(1024)}\n`],
    'a line of variables': ['env', 'A=', 'x'.repeat(1024)],
  };
  for (const [name, [format, begin, more]] of Object.entries(endless))
    it(`end where ${name} goes on and on`, async function () {
      this.timeout('1m');
      const chunk = bytes(more.repeat(1024));
      const chunks = {
        isRepeatable: true,
        async *[Symbol.asyncIterator]() {
          yield bytes(begin);
          for (let megabytes = 0; megabytes < 80; megabytes++) yield chunk;
          if (format === 'json') yield bytes('"}]}');
        },
      };
      await assert.rejects(
        gathered(TEXT_FORMATS[format].read(chunks)),
        failsAs('unsupported', /take more than 64 MB|no "keys"/),
      );
    });
});
