import assert from 'node:assert/strict';
import { connectionId, readProfiles } from '../../../../src/connections/settings/connectionProfile.ts';
import { endpointOrigin, metricsOrigins } from '../../../../src/connections/settings/origins.ts';
import { failsAs } from '../../../etcd/errorKind.ts';

describe('readProfiles', () => {
  const entry = { name: 'prod', endpoints: ['https://h:1'] };

  it('takes whatever stands in the settings, and says what is wrong with it', () => {
    assert.deepEqual(readProfiles(undefined, 'user'), []);
    assert.deepEqual(readProfiles('x', 'user'), []);
    const problems: readonly (readonly [unknown, RegExp])[] = [
      [null, /not an object/],
      [{ name: 'a' }, /no endpoint/],
      [{ ...entry, endpoints: ['h:1'] }, /is not an endpoint/],
      [{ ...entry, endpoints: ['https://root:secret@h:1'] }, /must not hold a user or a password/],
      [{ ...entry, endpoints: ['https://root@h:1'] }, /must not hold a user or a password/],
      [{ ...entry, endpoints: ['https://:secret@h:1'] }, /must not hold a user or a password/],
      [{ ...entry, ca: 'x', caFile: 'y' }, /both "ca" and "caFile"/],
      [{ ...entry, metricsUrl: 'h:1' }, /"metricsUrl" is not usable\. "h:1" is not an endpoint/],
      [{ ...entry, metricsUrl: ['http://h:1', 'http://root:secret@h:2'] }, /must not hold a user or a password/],
    ];
    for (const [wrong, message] of problems) {
      const [profile] = readProfiles([wrong], 'user');
      assert.match(profile?.problem ?? '', message);
      assert.doesNotMatch(profile?.problem ?? '', /secret/);
    }
    assert.equal(readProfiles([entry], 'user')[0]?.problem, undefined);
  });

  it('takes globs as they are, and makes whatever is none an empty one, with which nothing connects', () => {
    const settings = (more: object) => readProfiles([{ ...entry, ...more }], 'workspace')[0]?.settings;
    for (const [readOnly, expected] of [
      [true, true],
      [false, undefined],
      [undefined, undefined],
      [
        ['/a/**', 'b'],
        ['/a/**', 'b'],
      ],
      [[], []],
      ['/a/**', ['']],
      [null, ['']],
      [0, ['']],
      [{}, ['']],
      [
        ['/a', 7],
        ['/a', ''],
      ],
    ])
      assert.deepEqual(settings({ readOnly })?.readOnly, expected);
    for (const [hidden, expected] of [
      [undefined, undefined],
      [['/a/**'], ['/a/**']],
      [true, ['']],
    ])
      assert.deepEqual(settings({ hidden })?.hidden, expected);
  });

  it('takes one address of metrics or several, each with its path or without', () => {
    const origins = (metricsUrl: unknown) => {
      const [profile] = readProfiles([{ ...entry, metricsUrl }], 'user');
      assert.equal(profile?.problem, undefined);
      return metricsOrigins(profile?.settings ?? {});
    };
    assert.deepEqual(origins('http://h:1/metrics'), ['http://h:1']);
    assert.deepEqual(origins([' http://h:1 ', 'https://h:2/metrics/']), ['http://h:1', 'https://h:2']);
    for (const none of [undefined, '', ' ', [], [''], 7, {}]) assert.deepEqual(origins(none), []);
  });

  it('keeps two connections of one name apart, and tells the second one so', () => {
    const [first, second] = readProfiles([entry, entry], 'user');
    assert.equal(first?.problem, undefined);
    assert.match(second?.problem ?? '', /named prod/);
    assert.notEqual(first?.id, second?.id);
  });
});

describe('connectionId', () => {
  it('is a valid, lower-case authority, different for different names and sources', () => {
    const names = ['prod', 'Prod', 'prod eu', 'prod-eu', 'Прод', 'пр', '-', 'prod.', 'prod.workspace'];
    const folders = ['file:///one', 'file:///two'].map((uri) => ({ uri, name: 'same' }));
    const ids = names.flatMap((name) => [
      connectionId(name, 'user'),
      connectionId(name, 'workspace'),
      ...folders.map((folder) => connectionId(name, 'workspace', folder)),
    ]);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[a-z0-9.-]+$/);
    assert.equal(connectionId('prod', 'user'), 'prod');
  });
});

describe('endpointOrigin', () => {
  it('gives the origin of what users write', () => {
    assert.equal(endpointOrigin(' https://Host.example:2379/ '), 'https://host.example:2379');
    assert.equal(endpointOrigin('http://[::1]:2379'), 'http://[::1]:2379');
    assert.equal(endpointOrigin('https://host'), 'https://host');
  });

  it('refuses what is no endpoint, and repeats no password', () => {
    for (const wrong of [
      '',
      'host:2379',
      'unix:///var/run/etcd',
      'ftp://h',
      'https://h:1/v3',
      'https://h:1?x',
      'https://u:secret@',
    ])
      assert.throws(
        () => endpointOrigin(wrong),
        (error) => failsAs('configuration')(error) && !String(error).includes('secret'),
      );
  });
});
