import assert from 'node:assert/strict';
import { connectionFields } from '../../src/commands/connections/connectionFields.ts';
import type { ConnectionSettings } from '../../src/connections/settings/connectionProfile.ts';
import manifest from '../../package.json' with { type: 'json' };

const PLAIN: ConnectionSettings = { name: 'plain', endpoints: ['http://127.0.0.1:2379'] };

/** A value other than the default for each property. */
const OTHERS: Required<ConnectionSettings> = {
  name: 'other',
  endpoints: ['https://etcd.example:2379'],
  username: 'root',
  caFile: 'ca.crt',
  ca: '-----BEGIN CERTIFICATE-----',
  serverName: 'etcd.example',
  pinnedSha256: ['ab'.repeat(32)],
  certFile: 'client.crt',
  keyFile: 'client.key',
  pfxFile: 'client.pfx',
  api: 'v2',
  transport: 'gateway',
  separator: ':',
  root: '/config/',
  sync: true,
  readOnly: true,
  hidden: ['/registry/events/**'],
  production: true,
  confirmSave: true,
  languageModelTools: 'full',
  color: 'blue',
  connectTimeout: 3,
  headerTimeout: 7,
  metricsUrl: 'http://127.0.0.1:2381',
  tunnel: { ssh: 'me@bastion' },
};

const fieldsOf = (settings: ConnectionSettings) =>
  connectionFields({ id: settings.name, source: 'user', settings }, []);

/** Returns the fields that show other values than those of `PLAIN`. */
function changedFields(settings: ConnectionSettings) {
  const before = new Map(fieldsOf(PLAIN).map(({ label, description }) => [label, description]));
  return fieldsOf(settings).filter(({ label, description }) => before.get(label) !== description);
}

describe('the properties that Edit Connection lists', () => {
  it('are those of the settings', () => {
    const { properties } = manifest.contributes.configuration.properties['etcd.connections'].items;
    assert.deepEqual(Object.keys(OTHERS).toSorted(), Object.keys(properties).toSorted());
  });

  for (const [name, value] of Object.entries(OTHERS))
    it(`show the present ${name}, and change it`, () => {
      const changed = changedFields({ ...PLAIN, [name]: value });
      assert.notEqual(changed.length, 0);
      assert.ok(changed.every(({ edit }) => edit));
    });

  it('leave only several separators to settings.json, because a text that is asked for is one', () => {
    const [separator, ...others] = changedFields({ ...PLAIN, separator: ['/', ':'] });
    assert.equal(separator?.description, '/ :');
    assert.equal(separator?.edit, undefined);
    assert.deepEqual(others, []);
  });
});
