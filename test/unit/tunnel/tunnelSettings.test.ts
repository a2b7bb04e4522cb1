import assert from 'node:assert/strict';
import { tunnelCommand, tunnelEnds } from '../../../src/etcd/tunnel/tunnelCommand.ts';
import { readTunnel } from '../../../src/etcd/tunnel/tunnelSettings.ts';
import { failsAs } from '../../etcd/errorKind.ts';

const KUBECTL = { context: 'admin@prod', namespace: 'kube-system', pod: 'etcd-0' };

describe('the tunnel of a connection', () => {
  for (const ssh of [
    'bastion',
    'me@bastion.example',
    'me@10.0.0.1',
    'ssh://me@bastion:2222',
    'ssh://me@[::1]:22',
    'a@realm@host',
  ])
    it(`may be ${ssh}`, () => assert.deepEqual(readTunnel({ ssh }), { ssh }));

  for (const ssh of [
    ...['-oProxyCommand=touch /tmp/x', '-F/tmp/config', '--', ' -v', 'me@-oProxyCommand=x', 'ssh://-v', 'ssh://me@-v'],
    ...[
      'a b',
      'host\n-v',
      'host\u0000',
      'host\u202e',
      'me@$(id)',
      'me@`id`',
      "me@a'b",
      'me@a;b',
      'me@a|b',
      'host:22',
      '',
    ],
    ...['a'.repeat(254), 7, null, ['host'], { host: 'x' }],
  ])
    it(`may not be ${JSON.stringify(ssh).slice(0, 40)}`, () =>
      assert.throws(() => readTunnel({ ssh }), failsAs('configuration', /tunnel/)));

  for (const [what, kubectl] of Object.entries({
    'an option as context': { ...KUBECTL, context: '--kubeconfig=/tmp/x' },
    'an option as namespace': { ...KUBECTL, namespace: '-n' },
    'an option as pod': { ...KUBECTL, pod: '--address=0.0.0.0' },
    'an option as kubeconfig': { ...KUBECTL, kubeconfig: '-x' },
    'a path as pod': { ...KUBECTL, pod: 'etcd-0/../x' },
    'a line feed': { ...KUBECTL, context: 'a\nb' },
    'no target': { context: 'a', namespace: 'b' },
    'two targets': { ...KUBECTL, service: 'etcd' },
    'no context': { namespace: 'b', pod: 'etcd-0' },
    'anything else': { ...KUBECTL, flags: ['--v=9'] },
    'a text': 'etcd-0',
  }))
    it(`may not have ${what} for kubectl`, () =>
      assert.throws(() => readTunnel({ kubectl }), failsAs('configuration', /tunnel/)));

  it('is one program, and nothing else', () => {
    for (const wrong of [{}, { ssh: 'a', kubectl: KUBECTL }, { ssh: 'a', args: ['-v'] }, 'ssh', null, ['ssh']])
      assert.throws(() => readTunnel(wrong), failsAs('configuration', /either "ssh" or "kubectl"/));
  });
});

describe('the command of a tunnel', () => {
  it('verifies the host, never asks, and forwards from loopback to each address once', () => {
    const tunnel = readTunnel({ ssh: 'me@bastion' });
    const ends = tunnelEnds(tunnel, ['https://etcd-1:2379', 'https://[::1]', 'http://etcd-1:2379']);
    const { program, args } = tunnelCommand(tunnel, ends, [1, 2]);
    assert.deepEqual(
      [program, ...args].join(' '),
      'ssh -v -N -S none -o BatchMode=yes -o StrictHostKeyChecking=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 ' +
        '-o ConnectTimeout=15 -L 127.0.0.1:1:etcd-1:2379 -L 127.0.0.1:2:[::1]:443 -- me@bastion',
    );
  });

  it('forwards ports of a service', () => {
    const { context, namespace } = KUBECTL;
    const tunnel = readTunnel({ kubectl: { context, namespace, service: 'etcd', kubeconfig: '/a b' } });
    const ends = tunnelEnds(tunnel, ['https://etcd:2379', 'http://etcd:2381', 'https://other:2379']);
    assert.deepEqual(tunnelCommand(tunnel, ends, []).args, [
      ...[
        '--kubeconfig=/a b',
        '--context=admin@prod',
        '--namespace=kube-system',
        'port-forward',
        '--address=127.0.0.1',
      ],
      ...['--', 'service/etcd', ':2379', ':2381'],
    ]);
  });

  it('leads to a bounded number of addresses', () => {
    const origins = Array.from({ length: 33 }, (_, index) => `http://etcd:${index + 1}`);
    assert.throws(() => tunnelEnds(readTunnel({ ssh: 'bastion' }), origins), failsAs('configuration', /at most 32/));
  });
});
