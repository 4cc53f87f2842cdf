import { Agent, type IncomingHttpHeaders, type Server, request as send } from 'node:http';
import fc from 'fast-check';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CachedSource } from './cache/cached-source.ts';
import { FakeStore } from './cache/testing/fake-store.ts';
import { compilePolicy } from './content/policy.ts';
import { Variants } from './content/variants.ts';
import { type ContentConfigInput, contentConfigSchema } from './content-config.ts';
import { createHttpServer, LIMITS } from './http-server.ts';
import { listen } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { createRequestHandling } from './server.ts';
import { converse } from './testing/http-client.ts';

const WRITTEN_AT = Date.UTC(2020, 0, 1, 12, 0, 0);
const agent = new Agent({ keepAlive: true });
const clock = { now: WRITTEN_AT };
const store = new FakeStore(clock);
const servers: Server[] = [];

interface Site {
  port: number;
  metrics: Registry;
}

/** A proxy in front of the store, with or without a cache. */
async function serve(content: ContentConfigInput, isCached: boolean): Promise<Site> {
  const policy = compilePolicy(contentConfigSchema.parse(content));
  const metrics = new Registry();
  const cache = isCached
    ? new CachedSource(store, {
        maxBytes: 1024 * 1024,
        maxObjectBytes: 100_000,
        rules: { fresh: 3_600_000, staleWhileRevalidate: 0, staleIfError: 0 },
        onLookUp() {},
        now: () => clock.now,
      })
    : undefined;
  const { listener, app } = createRequestHandling({
    site: {
      source: cache ?? store,
      cache,
      lister: { list: async () => ({ entries: [], more: false }) },
      policy,
      variants: new Variants(policy),
      prefix: 'site/',
    },
    gate: undefined,
    tracing: undefined,
    metrics: createMetrics(metrics, {
      pool: () => ({ open: 0, idle: 0, queued: 0 }),
      cache: () => cache?.stats() ?? { objects: 0, bytes: 0 },
    }),
    log: pino({ level: 'silent' }),
    accessLog: false,
  });
  const server = createHttpServer(app, LIMITS, listener);
  servers.push(server);
  return { port: await listen(server, 0), metrics };
}

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(
  { port }: Site,
  { method, path, headers }: { method: string; path: string; headers: Record<string, string> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send({ port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

/** What has to be the same with and without a cache: everything but the time and what is random. */
function comparable({ status, headers: { date, age, ...headers }, body }: Answer): unknown {
  const boundary = /boundary=(\w+)/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const plain = (text: string) => (boundary === '' ? text : text.replaceAll(boundary, 'BOUNDARY'));
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(String(value))])),
    body: plain(body),
  };
}

const PATHS = [
  '/page.html',
  '/',
  '/dir/',
  '/dir',
  '/empty',
  '/large.bin',
  '/moved',
  '/style.css',
  '/bytes',
  '/missing',
  '/index.html',
  '/style.css.br',
  '/some/page',
];

const CONFIGS: Record<string, ContentConfigInput> = {
  plain: {},
  website: {
    indexDocument: 'index.html',
    errorDocument: 'error.html',
    spaFallback: 'page.html',
    websiteRedirects: true,
    precompressed: { encodings: ['br', 'gzip'] },
    cacheControl: [{ match: '*.html', value: 'max-age=5' }],
  },
  headers: {
    cacheControl: [{ match: '**/*.html', value: 'max-age=5', override: true }],
    cors: { allowOrigins: ['https://a.example'], exposeHeaders: ['etag'] },
    headers: [{ name: 'X-Frame-Options', value: 'DENY' }],
    metadata: ['author'],
    download: ['**/*.bin'],
  },
};

const etag = store.put('site/page.html', '<p>page</p>', {
  'content-type': 'text/html',
  'cache-control': 'max-age=7200',
  'x-amz-meta-author': 'me',
}).headers.etag;
store.put('site/index.html', '<p>root</p>', { 'content-type': 'text/html' });
store.put('site/dir/index.html', '<p>dir</p>', { 'content-type': 'text/html' });
store.put('site/error.html', '<p>error</p>', { 'content-type': 'text/html' });
store.put('site/empty', '');
store.put('site/large.bin', Buffer.alloc(50_000, 'x'), { 'content-type': 'application/octet-stream' });
store.put('site/bytes', Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
store.put('site/moved', 'gone', { 'x-amz-website-redirect-location': '/page.html' });
store.put('site/style.css', 'a { color: red }', { 'content-type': 'text/css' });
store.put('site/style.css.br', 'brotli', { 'content-type': 'application/octet-stream' });
clock.now += 60_000;

const sites: Record<string, { bare: Site; cached: Site }> = {};

beforeAll(async () => {
  for (const [name, content] of Object.entries(CONFIGS)) {
    const [bare, cached] = [await serve(content, false), await serve(content, true)];
    for (const path of PATHS) {
      await ask(cached, { method: 'GET', path, headers: {} });
      await ask(cached, { method: 'GET', path, headers: { 'accept-encoding': 'br' } });
    }
    sites[name] = { bare, cached };
  }
  clock.now += 42_000;
});

afterAll(() => {
  agent.destroy();
  for (const server of servers) server.close();
});

const LATER = new Date(WRITTEN_AT + 1_000).toUTCString();
const AT = new Date(WRITTEN_AT).toUTCString();
const EARLIER = new Date(WRITTEN_AT - 1_000).toUTCString();

const date = fc.constantFrom(EARLIER, AT, LATER, 'soon');
const tag = fc.constantFrom(etag ?? '', '"other"', `W/${etag}`, '*', `"other", ${etag}`, 'no tag');
const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const requestHeaders = fc
  .record({
    range: optional(
      fc.constantFrom(
        'bytes=0-',
        'bytes=0-0',
        'bytes=2-5',
        'bytes=-3',
        'bytes=-0',
        'bytes=9999999-',
        'bytes=5-2',
        'lines=1-2',
        'bytes=0-1,4-5',
        'bytes=0-1, 1-2',
        'bytes=0-0,99999999-',
      ),
    ),
    'if-match': optional(tag),
    'if-none-match': optional(tag),
    'if-modified-since': optional(date),
    'if-unmodified-since': optional(date),
    'if-range': optional(fc.oneof(tag, date)),
    'accept-encoding': optional(fc.constantFrom('br', 'gzip', 'identity', 'gzip;q=1, br;q=0.5')),
    accept: optional(fc.constantFrom('text/html', '*/*')),
    origin: optional(fc.constantFrom('https://a.example', 'https://b.example')),
  })
  .map((headers) => {
    const given: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) given[name] = value;
    return given;
  });

test('answers from memory are those of the store', async () => {
  const request = fc.record({
    config: fc.constantFrom(...Object.keys(CONFIGS)),
    method: fc.constantFrom('GET', 'GET', 'HEAD'),
    path: fc.constantFrom(...PATHS),
    headers: requestHeaders,
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ config, ...asked }) => {
      const { bare, cached } = sites[config] ?? expect.fail();
      const [expected, given] = [await ask(bare, asked), await ask(cached, asked)];
      expect(comparable(given)).toEqual(comparable(expected));
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

describe('from memory', () => {
  const plain = { method: 'GET', path: '/page.html', headers: {} };

  test.each([
    plain,
    { ...plain, method: 'HEAD' },
    { ...plain, path: '/large.bin' },
    { ...plain, headers: { range: 'bytes=1-2' } },
    { ...plain, headers: { 'if-none-match': '*' } },
    { ...plain, headers: { 'if-match': '"other"' } },
  ])('the store is not asked for $method $path $headers', async (asked) => {
    const { cached } = sites.plain ?? expect.fail();
    store.calls.length = 0;
    const { headers, status } = await ask(cached, asked);
    expect(store.calls).toEqual([]);
    expect(headers.age).toBe(status === 412 ? undefined : '42');
  });

  test('index documents and precompressed variants come from there, too', async () => {
    const { cached } = sites.website ?? expect.fail();
    store.calls.length = 0;
    expect(await ask(cached, { ...plain, path: '/dir/' })).toMatchObject({ status: 200, body: '<p>dir</p>' });
    const css = { ...plain, path: '/style.css', headers: { 'accept-encoding': 'br' } };
    expect(await ask(cached, css)).toMatchObject({ headers: { 'content-encoding': 'br' }, body: 'brotli' });
    expect(store.calls).toEqual([]);
  });

  test('a Cache-Control of the proxy itself counts from now, so there is no Age', async () => {
    const { cached } = sites.headers ?? expect.fail();
    const { headers } = await ask(cached, plain);
    expect(headers['cache-control']).toBe('max-age=5');
    expect(headers.age).toBeUndefined();
  });

  test('every byte value passes', async () => {
    const { cached } = sites.plain ?? expect.fail();
    const { body } = await ask(cached, { ...plain, path: '/bytes' });
    expect([...Buffer.from(body, 'latin1')]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  test('requests sent ahead are answered one after the other, and each is counted by itself', async () => {
    const { metrics, port } = await serve({}, true);
    await ask({ metrics, port }, { ...plain, path: '/large.bin' });
    const sent = async () =>
      Number(/^s3proxy_http_sent_bytes_total (\d+)$/m.exec(await metrics.metrics())?.[1]);
    const before = await sent();
    const request = 'GET /large.bin HTTP/1.1\r\nHost: a\r\n';
    const said = await converse(port, `${request}\r\n${request}\r\n${request}Connection: close\r\n\r\n`);
    expect(said.split('HTTP/1.1 200 OK\r\n')).toHaveLength(4);
    expect((await sent()) - before).toBe(said.length);
  });

  test('answers are counted like all others', async () => {
    const { metrics, ...cached } = await serve({}, true);
    await ask({ metrics, ...cached }, plain);
    await ask({ metrics, ...cached }, plain);
    await ask({ metrics, ...cached }, { ...plain, headers: { 'if-none-match': '*' } });
    const text = await metrics.metrics();
    expect(text).toContain('s3proxy_http_requests_total{method="GET",code="200"} 2\n');
    expect(text).toContain('s3proxy_http_requests_total{method="GET",code="304"} 1\n');
    expect(text).toContain('s3proxy_http_time_to_first_byte_seconds_count{method="GET"} 3\n');
  });
});
