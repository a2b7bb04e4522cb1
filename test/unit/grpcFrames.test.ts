import assert from 'node:assert/strict';
import { fromFrame, grpcStatus, toFrame } from '../../src/etcd/v3/grpcFrames.ts';

describe('gRPC frames', () => {
  it('carry a message of any size', () => {
    for (const size of [0, 1, 255, 65_536, 1_500_000]) {
      const message = new Uint8Array(size).fill(7);
      assert.deepEqual(Buffer.from(fromFrame(toFrame(message)) ?? []), Buffer.from(message));
    }
  });

  it('are five bytes and the message', () => {
    assert.deepEqual([...toFrame(Uint8Array.of(9, 8))], [0, 0, 0, 0, 2, 9, 8]);
  });

  it('are refused when cut off, compressed, or more than one', () => {
    assert.equal(fromFrame(Uint8Array.of()), undefined);
    assert.equal(fromFrame(Uint8Array.of(0, 0, 0, 0)), undefined);
    assert.equal(fromFrame(Uint8Array.of(0, 0, 0, 0, 2, 9)), undefined);
    assert.equal(fromFrame(Uint8Array.of(1, 0, 0, 0, 1, 9)), undefined);
    assert.equal(fromFrame(Uint8Array.of(0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0)), undefined);
  });

  it('read a message that does not begin its buffer', () => {
    const buffer = Uint8Array.of(5, 5, 0, 0, 0, 0, 1, 9);
    assert.deepEqual([...(fromFrame(buffer.subarray(2)) ?? [])], [9]);
  });
});

describe('the gRPC status', () => {
  it('stands in the trailers, or in the headers where nothing follows', () => {
    assert.deepEqual(grpcStatus({ headers: {}, trailers: { 'grpc-status': '0' } }), { code: 0, message: '' });
    const headers = { 'grpc-status': '16', 'grpc-message': 'etcdserver: invalid auth token' };
    assert.deepEqual(grpcStatus({ headers, trailers: {} }), { code: 16, message: 'etcdserver: invalid auth token' });
  });

  it('has a percent-encoded message, of which what is no escape stays', () => {
    const message = (text: string) =>
      grpcStatus({ headers: {}, trailers: { 'grpc-status': '2', 'grpc-message': text } });
    assert.equal(message('100%25 of %C3%A9 %zz %')?.message, '100% of é %zz %');
  });

  it('is none where the answer is no gRPC', () => {
    assert.equal(grpcStatus({ headers: { 'content-type': 'text/html' }, trailers: {} }), undefined);
    assert.equal(grpcStatus({ headers: { 'grpc-status': 'none' }, trailers: {} }), undefined);
  });
});
