import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { EtcdLog } from '../../../src/ui/log.ts';

describe('the log', () => {
  function logged(write: (log: EtcdLog) => void): string {
    const lines: string[] = [];
    const push = (line: string) => void lines.push(line);
    write(new EtcdLog({ trace: push, info: push, error: push, show: () => undefined }));
    return lines.join('\n');
  }

  function request(path: string): string {
    const entry = { method: 'GET', path, endpoint: 'http://h:1', milliseconds: 1.25, status: 200, bytes: 7 };
    return logged((log) => log.request('prod', entry));
  }

  it('tells requests without keys and parameters', () => {
    assert.equal(request('/v2/keys/secret/key?wait=true'), '"prod": GET http://h:1/v2/keys/… 200, 7 bytes (1.3 ms)');
    assert.equal(request('/v2/keys/?recursive=true'), '"prod": GET http://h:1/v2/keys/… 200, 7 bytes (1.3 ms)');
    assert.equal(request('/v3/kv/range'), '"prod": GET http://h:1/v3/kv/range 200, 7 bytes (1.3 ms)');
  });

  it('tells failures by kinds, codes and places, never by their sentences', () => {
    const cause = Object.assign(new Error('connect to /secret'), { code: 'ECONNREFUSED' });
    const refused = new EtcdError('refused', 'The key /secret/key cannot be read.', { cause });
    assert.equal(
      logged((log) => log.failure('etcd.delete', refused)),
      'etcd.delete: refused, by Error ECONNREFUSED',
    );
    const odd = Object.assign(new TypeError('/secret/key\n    at x (/secret/other:1:1)'), { code: '/secret' });
    const line = logged((log) => log.failure('etcd.rename', odd));
    assert.match(line, /^etcd\.rename: TypeError\n {4}at /);
    assert.ok(line.includes('log.test.ts'), line);
    assert.ok(!line.includes('secret'), line);
    assert.equal(
      logged((log) => log.failure('etcd.open', '/secret')),
      'etcd.open: string',
    );
  });

  it('tells what was done by numbers', () => {
    const told = (...done: Parameters<EtcdLog['done']>) => logged((log) => log.done(...done));
    assert.equal(told('restored', 1), '1 key was restored.');
    assert.equal(told('moved', 1200, 3), '1200 keys were moved. Left as they are: 3.');
  });

  it('has one line for each request, whatever a connection is named', () => {
    const entry = { method: 'POST', path: '/v3/kv/put', endpoint: 'http://h:1', milliseconds: 1, error: 'timedOut' };
    const line = logged((log) => log.request('a"\nb', entry));
    assert.equal(line.split('\n').length, 1);
  });
});
