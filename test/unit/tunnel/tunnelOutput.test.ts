import assert from 'node:assert/strict';
import { TunnelOutput } from '../../../src/etcd/tunnel/tunnelOutput.ts';

describe("what a tunnel's program prints", () => {
  it('is ready when ssh says so, whatever it has logged before', () => {
    const output = new TunnelOutput('ssh');
    const lines = [
      'OpenSSH_9.2p1',
      'debug1: Connecting to a [10.0.0.1] port 22.',
      'debug1: Local forwarding listening on 127.0.0.1 port 1.',
    ];
    assert.deepEqual(
      lines.map((line) => output.read(line)),
      [undefined, undefined, undefined],
    );
    assert.equal(output.lastLine, '');
    assert.deepEqual(output.read('debug1: Entering interactive session.'), { kind: 'ready' });
  });

  it('tells at which port of ssh an end was not reached', () => {
    const output = new TunnelOutput('ssh');
    const failed = 'channel 12: open failed: connect failed: Connection refused';
    assert.equal(output.read(failed), undefined);
    assert.equal(
      output.read('debug1: channel 2: free: direct-tcpip: listening port 7 for a port 1, connect from b'),
      undefined,
    );
    const freed = 'debug1: channel 12: free: direct-tcpip: listening port 40111 for a port 1, connect from b';
    assert.deepEqual(output.read(freed), { kind: 'unreached', port: 40_111, why: failed });
    assert.equal(output.read(freed), undefined);
  });

  it('keeps the line with the reason: bounded, on one line, without control characters', () => {
    const output = new TunnelOutput('ssh');
    output.read('bind [127.0.0.1]:40111: Address already in use');
    output.read('channel_setup_fwd_listener_tcpip: cannot listen to port: 40111');
    output.read('Could not request local forwarding.');
    assert.equal(output.lastLine, 'bind [127.0.0.1]:40111: Address already in use');
    output.read(`\u001B[31mred\u202E\t${'x'.repeat(500)}`);
    assert.equal(output.lastLine, `[31mred ${'x'.repeat(192)}…`);
  });

  it('counts the forwards of kubectl, and ignores what is no news', () => {
    const output = new TunnelOutput('kubectl');
    assert.deepEqual(output.read('Forwarding from 127.0.0.1:40111 -> 2379'), { kind: 'forwards', port: 40_111 });
    assert.equal(output.read('Forwarding from [::1]:40111 -> 2379'), undefined);
    assert.equal(output.read('Handling connection for 40111'), undefined);
    const event = output.read('E1130 x] "Unhandled Error" err="an error occurred forwarding 40111 -> 2379: no"');
    assert.deepEqual([event?.kind, event?.kind === 'unreached' && event.port], ['unreached', 40_111]);
  });
});
