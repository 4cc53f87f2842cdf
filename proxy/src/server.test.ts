import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, converse } from './testing/http-client.ts';
import { mountSecret } from './testing/mounted-secret.ts';
import { type ScriptedStore, startScriptedStore, storeError } from './testing/scripted-store.ts';
import { type Served, serve } from './testing/serve.ts';

const HEADERS = {
  'Content-Type': 'text/plain',
  ETag: '"a"',
  'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
};

let store: ScriptedStore;
let served: Served;
beforeAll(async () => {
  store = await startScriptedStore(() => ({ status: 500 }));
  served = await serve(store.endpoint);
});
beforeEach(() => {
  store.follow(({ path }) =>
    path.startsWith('/bucket-name/a')
      ? { status: 200, headers: HEADERS, body: 'hello' }
      : storeError(404, 'NoSuchKey'),
  );
});
afterAll(async () => {
  await served.stop();
  await store.close();
});

const CLOSE = 'Connection: close\r\n\r\n';
const statusOf = (text: string) => Number(text.slice(9, 12));

describe('a target that Express cannot read', () => {
  test.each([
    ['http://[::/a', 200],
    ['http://a:-1/a', 200],
    ['http://?a', 400],
  ])('%s is answered like any other', async (target, status) => {
    const answer = await ask(served.port, target);
    expect(answer.status).toBe(status);
    expect(answer.field('content-type')).toMatch(/^text\/plain/);
  });

  test('needs the password like any other', async () => {
    const secret = await mountSecret({ auth: '' });
    const guarded = await serve(store.endpoint, { AUTH_HTPASSWD_FILE: secret.path('auth') });
    try {
      for (const target of ['http://[::/a', 'http://?a'])
        expect((await ask(guarded.port, target)).status, target).toBe(401);
    } finally {
      await guarded.stop();
      await secret.remove();
    }
  });
});

describe('methods', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is 405 and says what is allowed',
    async (method) => {
      const answer = await ask(served.port, '/a', { method });
      expect(answer.status).toBe(405);
      expect(answer.field('allow')).toBe('GET, HEAD');
      expect(store.questions).toEqual([]);
    },
  );

  test('OPTIONS * is 405, too', async () => {
    expect(
      statusOf(await converse(served.port, `OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n${CLOSE}`)),
    ).toBe(405);
  });

  test('a word that is no method is 400', async () => {
    expect(statusOf(await converse(served.port, `NONSENSE /a HTTP/1.1\r\nHost: a\r\n${CLOSE}`))).toBe(400);
  });

  test('CONNECT opens no tunnel', async () => {
    expect(await converse(served.port, `CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n`)).toBe('');
  });

  test('methods are case-sensitive', async () => {
    expect(statusOf(await converse(served.port, `get /a HTTP/1.1\r\nHost: a\r\n${CLOSE}`))).toBe(400);
  });
});

describe('host and request target', () => {
  test.each(['a', 'A.example', 'a:80', 'a:', '[::1]:5000', '10.0.0.1', '', 'a_b', 'xn--bcher-kva.example'])(
    'the host %o is served',
    async (host) => {
      expect(statusOf(await converse(served.port, `GET /a HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}`))).toBe(200);
    },
  );

  test.each(['a b', 'a/b', 'a@b', 'a:b', 'a?b', '[::1', 'a, b', '\u00fc'])(
    'the host %o is 400',
    async (host) => {
      expect(statusOf(await converse(served.port, `GET /a HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}`))).toBe(400);
    },
  );

  test('HTTP/1.1 without a host is 400', async () => {
    expect(statusOf(await converse(served.port, `GET /a HTTP/1.1\r\n${CLOSE}`))).toBe(400);
  });

  test('two hosts are 400', async () => {
    const answer = await converse(served.port, `GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n${CLOSE}`);
    expect(statusOf(answer)).toBe(400);
  });

  test('HTTP/1.0 needs no host, and its connection ends with the answer', async () => {
    const answer = await converse(served.port, 'GET /a HTTP/1.0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nContent-Length: 5\r\n/);
    expect(answer).toMatch(/\r\n\r\nhello$/);
  });

  test.each(['http://other.example/a', 'https://other.example:444/a', 'HTTP://other.example/a?x'])(
    'the absolute form %s is served like the path in it',
    async (target) => {
      const answer = await converse(served.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${CLOSE}`);
      expect(statusOf(answer)).toBe(200);
      expect(store.questions[0]?.path).toBe('/bucket-name/a');
    },
  );

  test.each([
    'ftp://other.example/a',
    'http:///a',
    'http://user@other.example/a',
    'other.example:80',
    '/a%',
    '/a%00',
    '/../a',
    '/a%2f..%2fb',
    '/a#b',
  ])('the target %s is 400 and never reaches the store', async (target) => {
    const answer = await converse(served.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${CLOSE}`);
    expect(statusOf(answer)).toBe(400);
    expect(store.questions).toEqual([]);
  });

  test('the query is no part of the key', async () => {
    await ask(served.port, '/a?versionId=1&list-type=2&acl');
    expect(store.questions.map(({ path, query }) => [path, [...query]])).toEqual([['/bucket-name/a', []]]);
  });
});

describe('message framing', () => {
  test('header fields larger than 16 KiB are 431', async () => {
    const headers = `Host: a\r\nX-Large: ${'x'.repeat(17_000)}\r\n`;
    expect(statusOf(await converse(served.port, `GET /a HTTP/1.1\r\n${headers}${CLOSE}`))).toBe(431);
  });

  test('a request line of 8000 bytes is read', async () => {
    const target = `/a${'%61'.repeat(300)}?${'x'.repeat(7000)}`;
    expect(statusOf(await converse(served.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${CLOSE}`))).toBe(200);
  });

  test('a body of a GET is read and left alone, and the connection goes on', async () => {
    const body = 'y'.repeat(300_000);
    const said = await converse(
      served.port,
      `GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}GET /a2 HTTP/1.1\r\nHost: a\r\n${CLOSE}`,
    );
    expect(said.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(store.questions.map(({ path, headers }) => [path, headers['content-length']])).toEqual([
      ['/bucket-name/a', undefined],
      ['/bucket-name/a2', undefined],
    ]);
  });

  test.each([
    ['a length beside chunked', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
    ['a space before the colon', 'X-A : b'],
    ['a folded line', 'X-A: b\r\n c'],
  ])('%s is 400', async (_name, lines) => {
    expect(statusOf(await converse(served.port, `GET /a HTTP/1.1\r\nHost: a\r\n${lines}\r\n${CLOSE}`))).toBe(
      400,
    );
  });

  test('requests sent without waiting are answered in order', async () => {
    store.follow(async ({ path }) => {
      if (path.endsWith('/a1')) await sleep(50);
      return { status: 200, headers: HEADERS, body: path };
    });
    const said = await converse(
      served.port,
      `GET /a1 HTTP/1.1\r\nHost: a\r\n\r\nGET /a2 HTTP/1.1\r\nHost: a\r\n${CLOSE}`,
    );
    expect(said.match(/\/bucket-name\/a\d/g)).toEqual(['/bucket-name/a1', '/bucket-name/a2']);
  });

  test('Expect: 100-continue is answered, another expectation is 417', async () => {
    const expecting = (value: string) =>
      converse(served.port, `GET /a HTTP/1.1\r\nHost: a\r\nExpect: ${value}\r\n${CLOSE}`);
    expect(await expecting('100-continue')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(statusOf(await expecting('miracles'))).toBe(417);
  });

  test('an offer to upgrade is declined by an ordinary answer', async () => {
    const answer = await ask(served.port, '/a', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } });
    expect(answer.status).toBe(200);
  });
});

describe('fields', () => {
  test('every answer has a Date, none names its server', async () => {
    for (const target of ['/a', '/missing', '/%']) {
      const answer = await ask(served.port, target);
      expect(Math.abs(Date.parse(answer.field('date') ?? '') - Date.now())).toBeLessThan(60_000);
      expect(answer.field('server')).toBeUndefined();
      expect(answer.field('x-powered-by')).toBeUndefined();
    }
  });

  test('names are read whatever their case, values without the space around them', async () => {
    const said = await converse(
      served.port,
      `GET /a HTTP/1.1\r\nhOST: a\r\niF-nONE-mATCH: \t "a" \t\r\n${CLOSE}`,
    );
    expect(statusOf(said)).toBe(304);
  });

  test.each([
    ['NUL', 'a\0b'],
    ['bare CR', 'a\rb'],
  ])('a value with a %s is 400', async (_name, value) => {
    const said = await converse(served.port, `GET /a HTTP/1.1\r\nHost: a\r\nX-A: ${value}\r\n${CLOSE}`);
    expect(statusOf(said)).toBe(400);
  });

  test('a value of the store that no field may have is dropped', async () => {
    store.follow((_question, response) => {
      response.socket?.end(
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Language: a\x01b\r\nContent-Type: a\x02b\r\n\r\nx',
      );
      return undefined;
    });
    const answer = await ask(served.port, '/a');
    expect([answer.status, answer.field('content-language'), answer.field('content-type')]).toEqual([
      200,
      undefined,
      'application/octet-stream',
    ]);
  });

  test('a list field may come in several lines', async () => {
    const answer = await ask(served.port, '/a', { headers: { 'If-None-Match': ['"x"', '"a"'] } });
    expect(answer.status).toBe(304);
  });

  test.each([
    ['If-Modified-Since', 200],
    ['If-Unmodified-Since', 200],
  ])('a second line of %s, which is no list, makes it invalid and so ignored', async (name, status) => {
    const dates = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1984 08:49:37 GMT'];
    for (const values of [dates, dates.toReversed()]) {
      const answer = await ask(served.port, '/a', { headers: { [name]: values } });
      expect(answer.status).toBe(status);
    }
  });

  test('a Last-Modified in the future is told as now', async () => {
    store.follow(() => ({
      status: 200,
      headers: { ...HEADERS, 'Last-Modified': 'Fri, 06 Nov 2099 08:49:37 GMT' },
      body: 'hello',
    }));
    const answer = await ask(served.port, '/a');
    const [modified, date] = [answer.field('last-modified') ?? '', answer.field('date') ?? ''];
    expect(Math.abs(Date.parse(modified) - Date.parse(date))).toBeLessThanOrEqual(2000);
  });

  test.each([
    ['a Last-Modified that is no date', { 'Last-Modified': '2020-01-01T00:00:00Z' }, 'last-modified'],
    ['an ETag without quotes', { ETag: 'abc' }, 'etag'],
  ])('%s is not relayed', async (_name, headers, field) => {
    store.follow(() => ({ status: 200, headers: { ...HEADERS, ...headers }, body: 'hello' }));
    expect((await ask(served.port, '/a')).field(field)).toBeUndefined();
  });

  test('an obsolete date of the store is sent in the form of today', async () => {
    store.follow(() => ({
      status: 200,
      headers: { ...HEADERS, 'Last-Modified': 'Sunday, 06-Nov-94 08:49:37 GMT' },
      body: 'hello',
    }));
    expect((await ask(served.port, '/a')).field('last-modified')).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  test('only what describes the object is relayed', async () => {
    store.follow(() => ({
      status: 200,
      headers: {
        ...HEADERS,
        'Cache-Control': 'max-age=5',
        'Content-Language': 'de',
        'Content-Disposition': 'inline',
        'Content-Encoding': 'gzip',
        Expires: 'Sun, 06 Nov 1994 08:49:37 GMT',
        Server: 'AmazonS3',
        'Set-Cookie': 'a=b',
        'x-amz-request-id': 'REQUEST-ID',
        'x-amz-meta-secret': 'x',
        'x-amz-version-id': 'x',
        'x-amz-server-side-encryption': 'AES256',
        'x-amz-storage-class': 'STANDARD_IA',
      },
      body: 'hello',
    }));
    const answer = await ask(served.port, '/a');
    expect(answer.lines.map(([name]) => name.toLowerCase()).toSorted()).toEqual([
      'accept-ranges',
      'cache-control',
      'connection',
      'content-disposition',
      'content-encoding',
      'content-language',
      'content-length',
      'content-type',
      'date',
      'etag',
      'expires',
      'keep-alive',
      'last-modified',
    ]);
  });

  test('credentials and cookies of the client never reach the store', async () => {
    await ask(served.port, '/a', {
      headers: { Authorization: 'Basic eDp5', Cookie: 'c=d', 'X-Amz-Acl': 'x' },
    });
    const [question] = store.questions;
    expect(question?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=access-key\//);
    expect(question?.headers).not.toHaveProperty('cookie');
    expect(question?.headers).not.toHaveProperty('x-amz-acl');
  });
});

describe('/health', () => {
  test('is answered without the store', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(served.port, '/health', { method });
      expect(answer.status).toBe(200);
      expect(answer.field('cache-control')).toBe('no-store');
      expect(answer.body.toString()).toBe(method === 'GET' ? 'ok\n' : '');
    }
    expect(store.questions).toEqual([]);
  });

  test('is read-only', async () => {
    expect((await ask(served.port, '/health', { method: 'POST' })).status).toBe(405);
  });

  test('is the key of that name where that is published', async () => {
    const other = await serve(store.endpoint, { content: { publishHealthKey: true } });
    store.follow(({ path }) => ({ status: 200, headers: HEADERS, body: path }));
    expect((await ask(other.port, '/health')).body.toString()).toBe('/bucket-name/health');
    await other.stop();
  });
});

test('a failure of the proxy itself is 500 and says no more', async () => {
  const secret = await mountSecret({
    auth: 'ann:$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
  });
  const program = new URL('data:text/javascript,throw new Error("broken inside")');
  const broken = await serve(store.endpoint, { AUTH_HTPASSWD_FILE: secret.path('auth'), program });
  const answer = await ask(broken.port, '/a', { headers: { Authorization: 'Basic YW5uOmE=' } });
  expect([answer.status, answer.body.toString()]).toEqual([500, 'Internal Server Error\n']);
  await broken.stop();
  await secret.remove();
});

describe('a client that goes away', () => {
  test('takes its request to the store with it', async () => {
    const closed = new Promise<void>((resolve) => {
      store.follow((_question, response) => {
        response.writeHead(200, { ...HEADERS, 'Content-Length': '10000000' });
        response.write(Buffer.alloc(100_000));
        response.on('close', () => resolve());
        return undefined;
      });
    });
    const socket = createConnection({ host: '127.0.0.1', port: served.port });
    socket.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await closed;
  });

  test('gets no short body that looks whole when the store breaks off', async () => {
    store.follow(({ headers }, response) => {
      if (headers.range !== undefined) return storeError(500, 'InternalError');
      response.writeHead(200, { ...HEADERS, 'Content-Length': '1000' });
      response.write('only this');
      setTimeout(() => response.destroy(), 20);
      return undefined;
    });
    await expect(ask(served.port, '/a')).rejects.toThrow(/aborted|socket hang up/);
  });
});
