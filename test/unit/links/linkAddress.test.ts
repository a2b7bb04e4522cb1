import assert from 'node:assert/strict';
import { linkQuery, parseLink, type Link } from '../../../src/commands/links/linkAddress.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const connection = { name: 'prod & more', endpoints: ['https://a.example:2379', 'https://b.example:2379'] };

describe('links', () => {
  const places: readonly Link['place'][] = [
    { kind: 'key', path: bytes('/config/app') },
    { kind: 'key', path: new Uint8Array([0, 255, 92, 47, 38, 37, 35, 43, 32]) },
    { kind: 'folder', path: bytes('/config/'), revision: 9_007_199_254_740_993n },
    { kind: 'folder', path: new Uint8Array() },
    { kind: 'search', path: bytes('/'), query: { kind: 'regex', pattern: 'a&b=c', matchCase: true, values: true } },
    { kind: 'search', path: bytes(''), query: { kind: 'glob', pattern: '*', matchCase: false, values: false } },
  ];
  for (const place of places)
    it(`come back as they were: ${place.kind} ${Buffer.from(place.path).toString('hex')}`, () =>
      assert.deepEqual(parseLink(linkQuery({ connection, place })), { connection, place }));

  const wrong: Readonly<Record<string, string>> = {
    'names no connection': 'endpoint=https://a:1&key=/a',
    'names no endpoint': 'connection=a&key=/a',
    'names no place': 'connection=a&endpoint=https://a:1',
    'has a key that is none': String.raw`connection=a&endpoint=https://a:1&key=\x`,
    'has a revision that is none': 'connection=a&endpoint=https://a:1&key=/a&revision=-1',
    'has a revision that no etcd has': `connection=a&endpoint=https://a:1&key=/a&revision=${'9'.repeat(30)}`,
    'has a kind of pattern that does not exist': 'connection=a&endpoint=https://a:1&search=a&kind=sql',
    'is too long': `connection=a&endpoint=https://a:1&key=/${'a'.repeat(20_000)}`,
    'is empty': '',
  };
  for (const [what, query] of Object.entries(wrong))
    it(`are refused where one ${what}`, () =>
      assert.throws(
        () => parseLink(query),
        (error) => EtcdError.is(error, 'configuration'),
      ));
});
