import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { parseConnection } from '../../../../src/connections/formats/read/parseConnection.ts';
import { takesOf } from '../../../../src/connections/formats/read/readCommands.ts';
import { Variables } from '../../../../src/connections/formats/read/variables.ts';

const CHARACTERS = 32_000;
/** Limit of the code blocks that reading may run per character. */
const MAX_STEPS = 40;
/** Texts that begin, end or separate something in one of the formats. */
const PIECES = [
  ...['a', '=', '"', "'", '`', '$', '$(', '${', '<a', '[', '- a\n', '- etcdctl\n', '--endpoints=a,', 'a@', 'http://a,'],
  ...['[::1]:2379 ', 'etcdctl ', 'etcdctl "', 'curl -u ', 'ETCD_A=1 ', 'A=$A$A\n', 'set A=', '\\\n', ' ^\n', ',\\\n'],
  ...[
    ',',
    ';',
    '|',
    '%AB%',
    '$env:A=',
    'SetEnvironmentVariable("A","',
    'clientv3.Config{',
    '-----BEGIN CERTIFICATE-----\n',
  ],
  ...['{"a":', '{"endpoints":["http://a"]}\n', '1.2.3.4:2379,', 'name: ETCD_A\n  value: b\n', '["etcdctl",', '{{ a }}'],
  ...['etcdctl --endpoints=http://h1:1\n', '`etcdctl `', 'u:p@', 'http://u:p,', ' ', '\n', 'x := `'],
];
const AROUND = [
  ['', ''],
  ['etcdctl ', ''],
  ['x\n', '\netcdctl --endpoints=http://a:1 get b'],
  ['["etcdctl" ', ']'],
  ['etcdctl --endpoints=', ''],
] as const;

describe('a hostile text that is pasted', function () {
  this.timeout('5m');
  const session = new Session();

  before(async () => {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  });
  after(async () => {
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  });

  /** Returns the number of the readers' code blocks that ran since the last call. */
  async function stepsTaken(): Promise<number> {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const readers = result.filter(({ url }) => url.includes('/formats/read/'));
    const blocks = readers.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges));
    return blocks.reduce((sum, { count }) => sum + count, 0);
  }

  it('is read in steps in proportion to its length', async () => {
    const most: string[] = [];
    for (const piece of PIECES)
      for (const [before, after] of AROUND) {
        const text = before + piece.repeat(CHARACTERS / piece.length) + after;
        await stepsTaken();
        parseConnection(text);
        const steps = await stepsTaken();
        if (steps > MAX_STEPS * text.length) most.push(`${JSON.stringify(before + piece)}: ${steps / text.length}`);
      }
    assert.deepEqual(most, []);
  });

  it('has each word of a command looked at a few times', () => {
    let looks = 0;
    const words = Array.from({ length: 2000 }, (_, index) => `word${index}`);
    const counted = new Proxy(words, {
      get(target, name): unknown {
        looks++;
        return Reflect.get(target, name);
      },
    });
    takesOf(counted, 'posix', new Variables());
    assert.ok(looks < 10 * words.length, String(looks));
  });

  it('cannot let a variable grow without end', () => {
    for (const line of ['A=$A$A\n', 'A="$A$A"\n', 'export A=${A}${A}\n'])
      assert.deepEqual(parseConnection(`A=aa\n${line.repeat(60)}etcdctl --endpoints=$A`).endpoints, []);
    const many = `A=${'x'.repeat(9000)}\netcdctl get ${'$A'.repeat(20_000)}\netcdctl --endpoints=http://a:1 get b`;
    assert.deepEqual(parseConnection(many).endpoints, ['http://a:1']);
    assert.deepEqual(parseConnection('A=http://a:1\netcdctl --endpoints=$A get b').endpoints, ['http://a:1']);
  });

  it('is quoted only in part by what is said of it', () => {
    const long = 'x'.repeat(50_000);
    for (const text of [
      `etcdctl --${long}=1 get a`,
      `- name: ETCD${long}\nfoo`,
      `etcdctl --endpoints=${long}://b get a`,
      `etcdctl --endpoints=<${long}> get a`,
      `etcdctl --endpoints=https://host:port,https://<${long}>:2379 get a`,
      Array.from({ length: 1000 }, (_, index) => `etcdctl --user u${index} get a\n`).join(''),
    ]) {
      const { notUnderstood, placeholders = [] } = parseConnection(text);
      assert.notEqual(notUnderstood.length, 0, text.slice(0, 40));
      for (const each of [...notUnderstood, ...placeholders]) assert.ok(each.length < 500, each.slice(0, 80));
    }
  });

  it('with more connections than can be offered says so', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `etcdctl --endpoints=http://h${index}:1 get a\n\n`);
    const { others = [], notUnderstood } = parseConnection(lines.join(''));
    assert.equal(others.length, 19);
    assert.ok(notUnderstood.includes('Only the first 20 connections of the text are offered.'));
  });
});
