import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResponseParser } from './response-parser.ts';

interface Seen {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
  ended: boolean;
  keepAlive: boolean;
}

/** Feeds a response in pieces of the given sizes (the last one repeats) and says what came out. */
function parse(
  response: string,
  method: 'GET' | 'HEAD' = 'GET',
  sizes: readonly number[] = [Infinity],
  eof = false,
): Seen {
  const parser = new ResponseParser();
  const seen: Seen = { status: 0, headers: {}, body: '', ended: false, keepAlive: false };
  parser.expect(method, {
    onHead(status, headers) {
      seen.status = status;
      seen.headers = { ...headers };
    },
    onData(chunk) {
      seen.body += chunk.toString('latin1');
    },
    onEnd() {
      seen.ended = true;
    },
  });
  const bytes = Buffer.from(response, 'latin1');
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)] ?? 1);
    // The parser may keep nothing of the buffer it was fed: it is overwritten at once.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    parser.feed(piece);
    piece.fill(0x58);
    at += size;
  }
  if (eof) seen.ended = parser.finish() && seen.ended;
  seen.keepAlive = parser.keepAlive;
  return seen;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CASES: [string, string, 'GET' | 'HEAD', Partial<Seen>][] = [
  [
    'a sized body',
    `${OK}Content-Length: 5\r\nETag: "x"\r\n\r\nhello`,
    'GET',
    { body: 'hello', ended: true, keepAlive: true },
  ],
  ['an empty body', `${OK}Content-Length: 0\r\n\r\n`, 'GET', { body: '', ended: true }],
  [
    'a chunked body',
    `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n`,
    'GET',
    { body: 'hello world', ended: true },
  ],
  ['an answer to HEAD', `${OK}Content-Length: 5\r\n\r\n`, 'HEAD', { body: '', ended: true, keepAlive: true }],
  [
    'a 304 with a length',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    'GET',
    { status: 304, body: '', ended: true },
  ],
  [
    'an informational response first',
    `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    'GET',
    { status: 200, body: 'x', ended: true },
  ],
  ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx', 'GET', { status: 200, body: 'x' }],
  [
    'Connection: close',
    `${OK}Content-Length: 1\r\nConnection: Close\r\n\r\nx`,
    'GET',
    { ended: true, keepAlive: false },
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', 'GET', { ended: true, keepAlive: false }],
  [
    'repeated headers',
    `${OK}Content-Length: 0\r\nVary: a\r\nVARY:  b \r\n\r\n`,
    'GET',
    { headers: { 'content-length': '0', vary: 'a, b' } },
  ],
  ['a header named __proto__', `${OK}Content-Length: 0\r\n__proto__: x\r\n\r\n`, 'GET', { ended: true }],
];

test.each(CASES)('%s is read, however it is cut', (_name, response, method, expected) => {
  const whole = parse(response, method);
  expect(whole).toMatchObject(expected);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      expect(parse(response, method, sizes)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('a body without a length ends with the connection', () => {
  expect(parse(`${OK}\r\nhello`)).toMatchObject({ body: 'hello', ended: false });
  const parser = new ResponseParser();
  let ended = false;
  parser.expect('GET', { onHead() {}, onData() {}, onEnd: () => (ended = true) });
  parser.feed(Buffer.from(`${OK}\r\nhello`));
  expect(parser.finish()).toBe(true);
  expect(ended).toBe(true);
});

test('a body that is cut short is not finished', () => {
  const parser = new ResponseParser();
  parser.expect('GET', { onHead() {}, onData() {}, onEnd() {} });
  parser.feed(Buffer.from(`${OK}Content-Length: 5\r\n\r\nhell`));
  expect(parser.finish()).toBe(false);
});

test.each([
  ['two lengths', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
  ['the same length twice', `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
  ['a signed length', `${OK}Content-Length: +5\r\n\r\n`],
  ['length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['another encoding', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ['a folded line', `${OK}A: b\r\n c\r\n\r\n`],
  ['a space before the colon', `${OK}A : b\r\n\r\n`],
  ['a bare line feed', `${OK}A: b\nC: d\r\n\r\n`],
  ['a bare carriage return', `${OK}A: b\rC: d\r\n\r\n`],
  ['a NUL', `${OK}A: b\0\r\n\r\n`],
  ['no status line', 'hello\r\n\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['more than was announced', `${OK}Content-Length: 1\r\n\r\nxy`],
  ['a chunk longer than its size', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n`],
  ['a chunk size that is none', `${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\n`],
  ['an endless chunk line', `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(300)}`],
  ['an endless head', `${OK}A: ${'x'.repeat(40_000)}`],
])('%s is refused', (_name, response) => {
  expect(() => parse(response)).toThrow('protocol');
});

test.each(['GET', 'HEAD'] as const)(
  'nothing passes for whole that has more bytes behind it: %s',
  (method) => {
    const seen: string[] = [];
    const parser = new ResponseParser();
    parser.expect(method, {
      onHead: () => seen.push('head'),
      onData: (chunk) => seen.push(chunk.toString()),
      onEnd: () => seen.push('end'),
    });
    parser.feed(Buffer.from(`${OK}Content-Length: 3\r\n`));
    expect(() => {
      parser.feed(Buffer.from(method === 'GET' ? '\r\nx' : '\r\nxyz'));
      parser.feed(Buffer.from('yz!'));
    }).toThrow('ExcessData');
    expect(seen).toEqual(method === 'GET' ? ['head', 'x'] : []);
  },
);

test('data without a request is refused', () => {
  expect(() => new ResponseParser().feed(Buffer.from('x'))).toThrow('UnexpectedData');
});

test('no bytes make it throw anything but a protocol error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parse(OK + Buffer.from(bytes).toString('latin1'), 'GET', [7]);
      } catch (error) {
        expect(String(error)).toContain('protocol');
      }
    }),
  );
});
