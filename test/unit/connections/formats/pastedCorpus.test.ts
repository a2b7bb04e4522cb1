import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseConnection } from '../../../../src/connections/formats/read/parseConnection.ts';
import { selfSigned } from '../../../fixtures/certificates.ts';
import { FILES } from './corpus/files.ts';
import type { Corpus } from './corpus/pastedCase.ts';
import { POSIX } from './corpus/posix.ts';
import { STRINGS } from './corpus/strings.ts';
import { WINDOWS } from './corpus/windows.ts';

const CORPORA: Readonly<Record<string, Corpus>> = { POSIX, WINDOWS, FILES, STRINGS };

describe('what people paste', () => {
  for (const [corpus, cases] of Object.entries(CORPORA))
    describe(corpus, () => {
      for (const [title, { text, endpoints = [], others = [], says = [], ...expected }] of Object.entries(cases))
        it(title, () => {
          const pasted = parseConnection(text);
          const { username, password, caFile, certFile, keyFile, placeholders, notUnderstood } = pasted;
          const found = Object.entries({ username, password, caFile, certFile, keyFile, placeholders });
          assert.deepEqual(
            {
              endpoints: pasted.endpoints,
              ...Object.fromEntries(found.filter(([, value]) => value !== undefined)),
              others: (pasted.others ?? []).map((other) => other.endpoints),
            },
            { endpoints, ...expected, others },
          );
          for (const pattern of says) assert.match(notUnderstood.join('\n'), pattern);
          const unexpected = notUnderstood.filter((note) => !says.some((pattern) => pattern.test(note)));
          assert.deepEqual(unexpected, []);
          assert.doesNotMatch(notUnderstood.join('\n'), /s3cret|cret/);
        });
    });

  it("takes certificates in base64 from a hosting console's credentials", async () => {
    const pem = (await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] })).certPem.trim();
    const grpc = {
      authentication: { method: 'direct', username: 'root', password: 's3cret' },
      certificate: { certificate_base64: Buffer.from(pem).toString('base64'), name: 'a' },
      hosts: [{ hostname: 'h.example', port: 31_000 }],
    };
    const { notUnderstood, ...pasted } = parseConnection(JSON.stringify({ connection: { grpc } }, undefined, 2));
    const expected = { endpoints: ['https://h.example:31000'], username: 'root', password: 's3cret', ca: pem };
    assert.deepEqual([pasted, notUnderstood], [expected, []]);
  });

  it('keeps what makes an entry of our setting careful', () => {
    const entry = {
      name: 'a',
      endpoints: ['https://h:2379'],
      readOnly: true,
      production: true,
      root: '/x',
      sync: true,
    };
    assert.deepEqual(parseConnection(JSON.stringify(entry)), { ...entry, notUnderstood: [] });
  });

  it('reads long and hostile texts without failing', () => {
    for (const before of ['', 'etcdctl --endpoints=', 'curl -u ', '- '])
      for (const piece of [
        '`',
        '$(',
        '${a',
        "etcdctl '\n",
        'https://a:b/@',
        'x,@',
        '{{ ',
        'A=',
        'a@b:',
        ' ^\n',
        '[',
        '{"a":',
      ])
        parseConnection(before + piece.repeat(4000 / piece.length));
  });

  it('has at least 150 cases', () => {
    assert.ok(Object.values(CORPORA).reduce((sum, cases) => sum + Object.keys(cases).length, 0) >= 150);
  });
});
