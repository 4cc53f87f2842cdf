import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, ask } from './testing/http-client.ts';
import { type ScriptedStore, startScriptedStore, storeError } from './testing/scripted-store.ts';
import { type Served, serve } from './testing/serve.ts';

/** What must never be told: what the store says of itself, and what we know of it. */
const INSIDE = /bucket-name|REQUEST-ID|HOST-ID|access-key|127\.0\.0\.1|<Error>|x-amz|amazonaws/i;

function expectNothingFromInside(answer: Answer): void {
  expect(JSON.stringify(answer.lines)).not.toMatch(INSIDE);
  expect(answer.body.toString()).not.toMatch(INSIDE);
}

let store: ScriptedStore;
let served: Served;
let errorPage: Served;
let payer: Served;
beforeAll(async () => {
  store = await startScriptedStore(() => ({ status: 500 }));
  served = await serve(store.endpoint, { S3_MAX_ATTEMPTS: 1 });
  errorPage = await serve(store.endpoint, { S3_MAX_ATTEMPTS: 1, content: { errorDocument: '404.html' } });
  payer = await serve(store.endpoint, { S3_REQUEST_PAYER: true });
});
beforeEach(() => store.follow(() => storeError(404, 'NoSuchKey')));
afterAll(async () => {
  await Promise.all([served, errorPage, payer].map((each) => each.stop()));
  await store.close();
});

describe('an error of the store', () => {
  test.each([
    [404, 'NoSuchKey', 404],
    [403, 'AccessDenied', 404],
    [400, 'KeyTooLongError', 404],
    [403, 'InvalidObjectState', 403],
    [503, 'SlowDown', 503],
    [503, 'ServiceUnavailable', 503],
    [429, 'TooManyRequests', 503],
    [403, 'SignatureDoesNotMatch', 502],
    [403, 'InvalidAccessKeyId', 502],
    [404, 'XAdminUserNotFound', 502],
    [400, 'ExpiredToken', 502],
    [400, 'InvalidToken', 502],
    [403, 'RequestTimeTooSkewed', 502],
    [404, 'NoSuchBucket', 502],
    [301, 'PermanentRedirect', 502],
    [500, 'InternalError', 502],
    [400, 'RequestTimeout', 504],
    [501, 'NotImplemented', 502],
    [418, 'Unheard', 502],
  ])('%i %s becomes %i', async (status, code, expected) => {
    store.follow(() => storeError(status, code));
    const answer = await ask(served.port, '/a');
    expect(answer.status).toBe(expected);
    expect(answer.field('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.field('retry-after')).toBe(expected === 503 ? '2' : undefined);
    expectNothingFromInside(answer);

    const head = await ask(served.port, '/a', { method: 'HEAD' });
    expect(head.status).toBe(expected);
    expect(head.body).toHaveLength(0);
    expect(head.field('content-length')).toBe(answer.field('content-length'));
    expectNothingFromInside(head);
  });

  test('without a document is judged by its status', async () => {
    for (const [status, expected] of [
      [404, 404],
      [403, 404],
      [503, 503],
      [500, 502],
      [302, 502],
    ] as const) {
      store.follow(() => ({ status, body: 'nothing to see' }));
      const answer = await ask(served.port, '/a');
      expect(answer.status).toBe(expected);
      expect(answer.body.toString()).not.toContain('nothing to see');
    }
  });

  test('is never taken for a page: the error document is for a missing key alone', async () => {
    store.follow(({ path }) =>
      path.endsWith('/404.html')
        ? { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Gone</h1>' }
        : storeError(403, path.endsWith('/a') ? 'AccessDenied' : 'SignatureDoesNotMatch'),
    );
    const missing = await ask(errorPage.port, '/a');
    expect([missing.status, missing.body.toString()]).toEqual([404, '<h1>Gone</h1>']);
    const broken = await ask(errorPage.port, '/b');
    expect([broken.status, broken.body.toString()]).toEqual([502, 'The object store refused the request.\n']);
  });

  test('in a success is no success: an answer without a length, or with the wrong range, is 502', async () => {
    store.follow((_question, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('chunked');
      return undefined;
    });
    expect((await ask(served.port, '/a')).status).toBe(502);
    for (const range of ['bytes 1-3/10', 'bytes 0-3/3', 'bytes 0-2/*', 'nonsense']) {
      store.follow(() => ({ status: 206, headers: { 'Content-Range': range }, body: 'abc' }));
      const answer = await ask(served.port, '/a', { headers: { Range: 'bytes=0-2' } });
      expect(answer.status, range).toBe(502);
    }
    store.follow(() => ({ status: 206, headers: { 'Content-Range': 'bytes 0-2/10' }, body: 'abc' }));
    expect((await ask(served.port, '/a')).status).toBe(502);
  });

  test('a range that the store ignores gives the whole object', async () => {
    store.follow(() => ({ status: 200, headers: { ETag: '"a"' }, body: 'abcdef' }));
    const answer = await ask(served.port, '/a', { headers: { Range: 'bytes=0-2' } });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'abcdef']);
    const parts = await ask(served.port, '/a', { headers: { Range: 'bytes=0-0,3-3' } });
    expect(parts.status).toBe(502);
  });
});

describe('no answer of the store', () => {
  test('is 502 when it cannot be reached', async () => {
    const alone = await serve('http://127.0.0.1:1', { S3_MAX_ATTEMPTS: 1 });
    const answer = await ask(alone.port, '/a');
    expect(answer.status).toBe(502);
    expectNothingFromInside(answer);
    await alone.stop();
  });

  test('is 504 when it takes too long', async () => {
    store.follow(() => new Promise(() => {}));
    const hasty = await serve(store.endpoint, { S3_MAX_ATTEMPTS: 1, S3_RESPONSE_TIMEOUT_SECONDS: 1 });
    expect((await ask(hasty.port, '/a')).status).toBe(504);
    await hasty.stop();
  });

  test('is 502 when it speaks another protocol', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().write('SSH-2.0-OpenSSH_9.2p1\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const alone = await serve(`http://127.0.0.1:${address.port}`, { S3_MAX_ATTEMPTS: 1 });
    expect((await ask(alone.port, '/a')).status).toBe(502);
    await alone.stop();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('what the proxy mends by itself', () => {
  const OBJECT = { status: 200, headers: { ETag: '"a"' }, body: 'hello' };
  const regionOf = (authorization = '') => /\/\d{8}\/([a-z0-9-]+)\/s3\//.exec(authorization)?.[1];

  test.each([
    [
      'by a header',
      { ...storeError(301, 'PermanentRedirect'), headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    ],
    ['in the document', storeError(400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>')],
  ])('the region that the store names %s is where it asks from then on', async (_name, redirect) => {
    const own = await serve(store.endpoint);
    store.follow(({ headers }) => (regionOf(headers.authorization) === 'eu-west-1' ? OBJECT : redirect));
    expect((await ask(own.port, '/a')).status).toBe(200);
    expect((await ask(own.port, '/a')).status).toBe(200);
    expect(store.questions.map(({ headers }) => regionOf(headers.authorization))).toEqual([
      'us-east-1',
      'eu-west-1',
      'eu-west-1',
    ]);
    await own.stop();
  });

  test.each([301, 400])('the region that the store names for HEAD, by a header alone: %i', async (status) => {
    const own = await serve(store.endpoint);
    store.follow(({ headers }) =>
      regionOf(headers.authorization) === 'eu-west-1'
        ? { ...OBJECT, headers: { ETag: '"a"', 'Content-Length': '5' } }
        : { status, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    );
    const answer = await ask(own.port, '/a', { method: 'HEAD' });
    expect([answer.status, answer.field('content-length')]).toEqual([200, '5']);
    expect(store.questions.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
    await own.stop();
  });

  test('a region that is no name is not followed', async () => {
    store.follow(() => ({
      ...storeError(301, 'PermanentRedirect'),
      headers: { 'x-amz-bucket-region': 'evil.example/x' },
    }));
    expect((await ask(served.port, '/a')).status).toBe(502);
    expect(store.questions).toHaveLength(1);
  });

  test('a redirect is never handed to the client', async () => {
    store.follow(() => ({ status: 307, headers: { Location: 'http://bucket-name.s3.amazonaws.com/a' } }));
    const answer = await ask(served.port, '/a');
    expect(answer.status).toBe(502);
    expectNothingFromInside(answer);
  });

  test('a clock that is off', async () => {
    const own = await serve(store.endpoint);
    store.follow(({ headers }) => {
      const day = String(headers['x-amz-date']).slice(0, 4);
      return day === '2031'
        ? OBJECT
        : {
            ...storeError(403, 'RequestTimeTooSkewed'),
            headers: { Date: 'Wed, 01 Jan 2031 00:00:00 GMT' },
          };
    });
    expect((await ask(own.port, '/a')).status).toBe(200);
    await own.stop();
  });

  test('SlowDown and failures are asked again', async () => {
    const own = await serve(store.endpoint);
    for (const error of [storeError(503, 'SlowDown'), storeError(500, 'InternalError')]) {
      let left = 2;
      store.follow(() => (left-- > 0 ? error : OBJECT));
      expect((await ask(own.port, '/a')).status).toBe(200);
      expect(store.questions).toHaveLength(3);
    }
    await own.stop();
  });

  test('an object that is replaced between two calls is judged anew', async () => {
    let version = 1;
    store.follow(({ method, headers }) => {
      const etag = `"v${version}"`;
      if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
        return storeError(412, 'PreconditionFailed');
      const answer = {
        status: 200,
        headers: { ETag: etag, 'Content-Length': '5' },
        body: method === 'HEAD' ? '' : 'hello',
      };
      // It is written again right after the first look.
      if (method === 'HEAD' && version === 1) version = 2;
      return answer;
    });
    const answer = await ask(served.port, '/a', { headers: { 'If-None-Match': '"v0"' } });
    expect([answer.status, answer.field('etag')]).toEqual([200, '"v2"']);
  });

  test('an object that never stops changing is 503, not a failed condition of the client', async () => {
    store.follow(({ method }) =>
      method === 'HEAD'
        ? { status: 200, headers: { ETag: '"v"', 'Content-Length': '5' } }
        : storeError(412, 'PreconditionFailed'),
    );
    const answer = await ask(served.port, '/a', { headers: { 'If-None-Match': '"v0"' } });
    expect([answer.status, answer.field('retry-after')]).toEqual([503, '1']);
  });
});

describe('requester pays', () => {
  test('is said in every request, and signed', async () => {
    store.follow(() => ({ status: 200, headers: { ETag: '"a"' }, body: 'hello' }));
    await ask(payer.port, '/a');
    await ask(payer.port, '/a', { method: 'HEAD' });
    await ask(payer.port, '/a', { headers: { Range: 'bytes=1-2' } });
    expect(store.questions.length).toBeGreaterThanOrEqual(3);
    for (const { headers } of store.questions) {
      expect(headers['x-amz-request-payer']).toBe('requester');
      expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-request-payer/);
    }
  });

  test('is said only when asked for', async () => {
    await ask(served.port, '/a');
    expect(store.questions[0]?.headers).not.toHaveProperty('x-amz-request-payer');
  });
});
