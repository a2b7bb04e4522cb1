import assert from 'node:assert/strict';
import { FrameReader, fromFrame, grpcStatus, toFrame } from '../../../src/etcd/v3/transport/grpcFrames.ts';
import { failsAs } from '../../etcd/errorKind.ts';
import { textLines } from '../../../src/etcd/v3/transport/textLines.ts';

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

describe('what comes in chunks', () => {
  const messages = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7), Buffer.from('zwei ä')];

  it('is the same messages wherever the body is cut', () => {
    const body = Buffer.concat(messages.map((message) => toFrame(message)));
    for (let size = 1; size <= body.length; size++) {
      const reader = new FrameReader();
      const found: Buffer[] = [];
      for (let at = 0; at < body.length; at += size)
        for (const message of reader.push(body.subarray(at, at + size))) found.push(Buffer.from(message));
      assert.deepEqual(found, messages, `chunks of ${size} bytes`);
    }
  });

  it('is the same lines wherever the text is cut, without one that is not complete', async () => {
    const text = Buffer.from('{"a":"ä"}\n\nzwei €\nnot complete');
    for (let size = 1; size <= text.length; size++) {
      const chunks = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
      };
      const found: string[] = [];
      for await (const line of textLines(chunks(), 'http://127.0.0.1')) found.push(line);
      assert.deepEqual(found, ['{"a":"ä"}', '', 'zwei €'], `chunks of ${size} bytes`);
    }
  });

  it('ends where a message is announced, or a line goes on, beyond the limit', async () => {
    const reader = new FrameReader(1000);
    assert.equal([...reader.push(toFrame(new Uint8Array(995)))].length, 1);
    assert.throws(() => [...reader.push(toFrame(new Uint8Array(996)).subarray(0, 5))], failsAs('answerTooLarge'));
    const endless = async function* () {
      for (;;) yield new Uint8Array(100).fill(0x20);
    };
    await assert.rejects(textLines(endless(), 'http://127.0.0.1:2379', 1000).next(), failsAs('answerTooLarge'));
  });
});
