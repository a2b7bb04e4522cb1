import assert from 'node:assert/strict';
import { parseEnv } from 'node:util';
import { fileText } from '../../../src/etcd/keyFiles/exportKeys.ts';
import { asText, type FileEntry, type FileHeader, type FilePart } from '../../../src/etcd/keyFiles/fileEntry.ts';
import { formatOf, TEXT_FORMATS, type TextFormat } from '../../../src/etcd/keyFiles/formats.ts';
import { Random } from '../keyspace/random.ts';
import { cutUp, gathered, randomEntries } from './randomEntries.ts';

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
    ['json', '{"keys": [{"key": "/a", "value": "b"}', /no valid JSON/],
    ['json', '{"keys": [{"key": "/a"}]}', /"key" and "value"/],
    ['json', '{"keys": [{"key": "/a", "valueBase64": "*"}]}', /base64/],
    ['json', '{"keys": [}', /no valid JSON/],
    ['json', '{"revision": "x", "keys": []}', /"revision" is no whole number/],
    ['yaml', 'keys:\n- key: /a\n  value: 1\n', /"value" has to be a text/],
    ['yaml', 'keys:\n- key: [\n', /no valid YAML/],
    ['yaml', 'hello: world\n', /has no "keys"/],
    ['json', 'null', /has no "keys"/],
    ['env', 'A=1\nhello\n', /line 2 is no assignment/],
    ['env', "A=1\nB='open\n", /line 2 is never closed/],
  ];
  for (const [format, text, sentence] of bad)
    it(`says what is wrong with the ${format} ${JSON.stringify(text)}`, async () => {
      await assert.rejects(gathered(TEXT_FORMATS[format].read(cutUp(text, new Random(1)))), sentence);
    });

  it('tells the form from the name of a file', () => {
    const names = ['a.json', 'b.YML', 'c.yaml', '.env', 'prod.env', '.env.local', 'd.txt'];
    assert.deepEqual(names.map(formatOf), ['json', 'yaml', 'yaml', 'env', 'env', 'env', undefined]);
  });
});
