import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContentConfigInput } from '../../proxy/src/content-config.ts';
import { ask, type Question } from '../../proxy/src/testing/http-client.ts';
import { type Served, serve } from '../../proxy/src/testing/serve.ts';
import { type Store, startStore } from './store.ts';

let store: Store;
const running: Served[] = [];

beforeAll(async () => {
  store = await startStore();
  await Promise.all([
    store.put('site/index.html', 'home', { ContentType: 'text/html' }),
    store.put('site/404.html', '<h1>Lost</h1>', { ContentType: 'text/html; charset=utf-8' }),
    store.put('site/docs/index.html', 'docs', { ContentType: 'text/html' }),
    store.put('site/docs/a/deep.txt', 'deep', { ContentType: 'text/plain', CacheControl: 'max-age=1' }),
    store.put('site/a+b %41/ü.txt', 'odd', { ContentType: 'text/plain' }),
    store.put('site/app.js', 'let a = 1;'.repeat(20), { ContentType: 'application/javascript' }),
    store.put('site/app.js.br', brotliCompressSync('let a = 1;'.repeat(20))),
    store.put('site/app.js.zst', zstdCompressSync('let a = 1;'.repeat(20))),
    store.put('site/app.js.gz', gzipSync('let a = 1;'.repeat(20))),
    store.put('site/only.css', 'a{}', { ContentType: 'text/css' }),
    store.put('site/meta.bin', 'm', {
      ContentType: 'application/octet-stream',
      Metadata: { author: 'me', secret: 'hidden' },
      ContentDisposition: 'inline; filename="own.bin"',
    }),
    store.put('outside.txt', 'outside'),
  ]);
});
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()));
  await store?.stop();
});

/** A site of these content settings, and a way to ask it. */
async function site(content: ContentConfigInput, prefix = 'site/') {
  const served = await serve('', { ...store.environment, S3_PREFIX: prefix, content });
  running.push(served);
  return (target: string, question?: Question) => ask(served.port, target, question);
}

describe('prefix', () => {
  test('a path is a key below the prefix, and nothing above it can be reached', async () => {
    const get = await site({});
    expect((await get('/docs/a/deep.txt')).body.toString()).toBe('deep');
    expect((await get('/site/docs/a/deep.txt')).status).toBe(404);
    for (const target of ['/../outside.txt', '/%2e%2e/outside.txt', '/docs/..%2f../outside.txt', '/..'])
      expect((await get(target)).status, target).toBe(400);
    expect((await get('/outside.txt')).status).toBe(404);
  });

  test('one without a slash at its end is put before the path as it is', async () => {
    const get = await site({}, 'si');
    expect((await get('/te/docs/a/deep.txt')).body.toString()).toBe('deep');
  });
});

describe('index document', () => {
  test('answers for its directory, with the headers and rules of what it is', async () => {
    const get = await site({
      indexDocument: 'index.html',
      cacheControl: [{ match: '**/*.html', value: 'no-cache' }],
    });
    for (const [target, body] of [
      ['/', 'home'],
      ['/docs/', 'docs'],
      ['/docs/index.html', 'docs'],
    ] as const) {
      const answer = await get(target);
      expect([answer.status, answer.body.toString()], target).toEqual([200, body]);
      expect(answer.field('content-type')).toBe('text/html');
      expect(answer.field('cache-control')).toBe('no-cache');
    }
  });

  test('a directory without its slash is redirected there, the query kept', async () => {
    const get = await site({ indexDocument: 'index.html' });
    for (const method of ['GET', 'HEAD']) {
      const answer = await get('/docs?x=1&y=%20', { method });
      expect(answer.status).toBe(302);
      expect(answer.field('location')).toBe('./docs/?x=1&y=%20');
      expect(answer.body).toHaveLength(0);
      const target = new URL(answer.field('location') ?? '', 'http://a/docs?x');
      expect(target.href).toBe('http://a/docs/?x=1&y=%20');
    }
    expect((await get('/missing')).status).toBe(404);
    // Below it there is something, but no index document.
    expect((await get('/docs/a')).status).toBe(404);
  });

  test('without one no directory answers, and none redirects', async () => {
    const get = await site({});
    for (const target of ['/', '/docs', '/docs/']) expect((await get(target)).status, target).toBe(404);
  });
});

describe('error document', () => {
  test('is sent with 404, whatever the conditions, and by HEAD with its length', async () => {
    const get = await site({ errorDocument: '404.html' });
    const headers = { 'If-None-Match': '*', Range: 'bytes=0-1' };
    const answer = await get('/missing', { headers });
    expect([answer.status, answer.body.toString()]).toEqual([404, '<h1>Lost</h1>']);
    expect(answer.field('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.field('etag')).toBeUndefined();
    const head = await get('/missing', { method: 'HEAD' });
    expect([head.status, head.field('content-length'), head.body.length]).toEqual([404, '13', 0]);
  });

  test('that is missing itself leaves a plain 404', async () => {
    const get = await site({ errorDocument: 'nowhere.html' });
    const answer = await get('/missing');
    expect([answer.status, answer.body.toString()]).toEqual([404, 'Not Found\n']);
  });
});

describe('single-page application', () => {
  test('pages that are no key are its entry with 200; missing files stay 404', async () => {
    const get = await site({ spaFallback: 'index.html', errorDocument: '404.html' });
    for (const target of ['/users/42', '/', '/missing/'])
      expect([(await get(target)).status, (await get(target)).body.toString()], target).toEqual([
        200,
        'home',
      ]);
    expect((await get('/app.js')).body.toString()).toContain('let a');
    const file = await get('/missing.png', { headers: { Accept: 'image/png' } });
    expect([file.status, file.field('vary')]).toEqual([404, 'Accept']);
    const page = await get('/v1.2', { headers: { Accept: 'text/html,*/*' } });
    expect([page.status, page.body.toString(), page.field('vary')]).toEqual([200, 'home', 'Accept']);
  });

  test('the entry is validated like any object', async () => {
    const get = await site({ spaFallback: 'index.html' });
    const etag = (await get('/users/42')).field('etag') ?? '';
    expect((await get('/users/43', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });
});

describe('directory listing', () => {
  const json = async (get: Awaited<ReturnType<typeof site>>, target: string) =>
    JSON.parse((await get(target, { headers: { Accept: 'application/json' } })).body.toString());

  test('lists as JSON what is below, page by page, each once', async () => {
    const get = await site({ directoryListing: true });
    const names: string[] = [];
    let pages = 0;
    for (let target = '/?limit=2'; target !== ''; pages++) {
      const page = await json(get, target);
      expect(page.path).toBe('/');
      expect(page.entries.length).toBeLessThanOrEqual(2);
      names.push(...page.entries.map(({ name }: { name: string }) => name));
      target = page.next === undefined ? '' : `/?limit=2&after=${encodeURIComponent(page.next)}`;
    }
    expect(names).toEqual([
      '404.html',
      'a+b %41/',
      'app.js',
      'app.js.br',
      'app.js.gz',
      'app.js.zst',
      'docs/',
      'index.html',
      'meta.bin',
      'only.css',
    ]);
    expect(pages).toBe(5);
    const docs = await json(get, '/docs/');
    expect(docs).toEqual({
      path: '/docs/',
      entries: [
        { kind: 'directory', name: 'a/' },
        { kind: 'object', name: 'index.html', size: 4, lastModified: expect.stringMatching(/^20\d\d-.*Z$/) },
      ],
    });
  });

  test('lists as HTML, whose links lead to the objects and pages', async () => {
    const get = await site({ directoryListing: true });
    const page = await get('/?limit=2', { headers: { Accept: 'text/html' } });
    expect(page.field('content-type')).toBe('text/html; charset=utf-8');
    expect(page.field('content-security-policy')).toMatch(/^default-src 'none'/);
    const links = [...page.body.toString().matchAll(/href="([^"]+)"/g)].map(([, link = '']) =>
      link.replaceAll(/&#(\d+);|&amp;/g, (_, code) => (code ? String.fromCharCode(Number(code)) : '&')),
    );
    expect(links).toContain('./a%2Bb%20%2541/');
    for (const link of links) {
      const { pathname, search } = new URL(link, 'http://a/');
      expect((await get(pathname + search)).status, link).toBe(200);
    }
    const inside = await get('/a%2Bb%20%2541/');
    expect(inside.body.toString()).toContain('>ü.txt<');
    expect((await get('/a%2Bb%20%2541/%C3%BC.txt')).body.toString()).toBe('odd');
  });

  test('is HTML unless JSON is liked better, and says that it depends on that', async () => {
    const get = await site({ directoryListing: true });
    const typeFor = async (target: string, accept?: string) =>
      (await get(target, { headers: accept === undefined ? {} : { Accept: accept } })).field('content-type');
    for (const accept of [undefined, '*/*', 'text/html', 'application/json;q=0.5, text/html'])
      expect(await typeFor('/', accept), accept).toMatch(/^text\/html/);
    expect(await typeFor('/', 'application/json, text/html;q=0.9')).toMatch(/^application\/json/);
    expect(await typeFor('/?format=json', 'text/html')).toMatch(/^application\/json/);
    expect((await get('/')).field('vary')).toBe('Accept');
  });

  test('is validated by its entity tag, and by HEAD has the head of its GET', async () => {
    const get = await site({ directoryListing: true });
    const answer = await get('/docs/');
    const etag = answer.field('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const unchanged = await get('/docs/', { headers: { 'If-None-Match': etag } });
    expect([unchanged.status, unchanged.field('etag'), unchanged.body.length]).toEqual([304, etag, 0]);
    expect((await get('/docs/', { headers: { 'If-Match': '"other"' } })).status).toBe(412);
    const head = await get('/docs/', { method: 'HEAD' });
    expect([head.status, head.field('content-length'), head.body.length]).toEqual([
      200,
      answer.field('content-length'),
      0,
    ]);
  });

  test('a directory without its slash is redirected there; one that is empty is 404; an index comes first', async () => {
    const get = await site({ directoryListing: true });
    expect((await get('/docs')).field('location')).toBe('./docs/');
    expect((await get('/nothing/')).status).toBe(404);
    expect((await get('/nothing')).status).toBe(404);
    const indexed = await site({ directoryListing: true, indexDocument: 'index.html' });
    expect((await indexed('/docs/')).body.toString()).toBe('docs');
    expect((await indexed('/docs/a/')).body.toString()).toContain('deep.txt');
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1.5', 'after=%00', `after=${'x'.repeat(1020)}`])(
    'the query %s is 400',
    async (query) => {
      const get = await site({ directoryListing: true });
      expect((await get(`/?${query}`)).status).toBe(400);
    },
  );

  test('never shows what is above the prefix', async () => {
    const get = await site({ directoryListing: true });
    for (const target of ['/', '/?after=', '/?after=..%2F', '/?prefix=', '/?after=outside']) {
      const text = (await get(target)).body.toString();
      expect(text).not.toContain('outside.txt');
      expect(text).not.toContain(store.bucket);
    }
  });
});

describe('Cache-Control', () => {
  test('by the first rule that matches, unless the object has its own, unless that is overridden', async () => {
    const get = await site({
      cacheControl: [
        { match: 'app.*', value: 'public, max-age=31536000, immutable' },
        { match: '*.js', value: 'no-store' },
        { match: 'docs/**', value: 'max-age=9' },
      ],
    });
    expect((await get('/app.js')).field('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await get('/docs/a/deep.txt')).field('cache-control')).toBe('max-age=1');
    expect((await get('/docs/index.html')).field('cache-control')).toBe('max-age=9');
    expect((await get('/meta.bin')).field('cache-control')).toBeUndefined();
    const overriding = await site({
      cacheControl: [{ match: 'docs/**', value: 'max-age=9', override: true }],
    });
    expect((await overriding('/docs/a/deep.txt')).field('cache-control')).toBe('max-age=9');
  });

  test('is on 206 and 304, too', async () => {
    const get = await site({ cacheControl: [{ match: '**', value: 'max-age=7' }] });
    const part = await get('/app.js', { headers: { Range: 'bytes=0-1' } });
    expect([part.status, part.field('cache-control')]).toEqual([206, 'max-age=7']);
    const unchanged = await get('/app.js', { headers: { 'If-None-Match': '*' } });
    expect([unchanged.status, unchanged.field('cache-control')]).toEqual([304, 'max-age=7']);
  });
});

describe('CORS', () => {
  const cors = {
    allowOrigins: ['https://a.example', 'null'],
    allowHeaders: ['X-Custom'],
    exposeHeaders: ['ETag', 'Content-Range'],
    allowCredentials: true,
    maxAgeSeconds: 60,
  };
  const preflight = {
    method: 'OPTIONS',
    headers: { Origin: 'https://a.example', 'Access-Control-Request-Method': 'GET' },
  };

  test('an allowed origin may read, errors included; another one may not', async () => {
    const get = await site({ cors });
    for (const target of ['/app.js', '/missing', '/health']) {
      const answer = await get(target, { headers: { Origin: 'https://a.example' } });
      expect(answer.field('access-control-allow-origin'), target).toBe('https://a.example');
      expect(answer.field('access-control-allow-credentials')).toBe('true');
      expect(answer.field('access-control-expose-headers')).toBe('ETag, Content-Range');
      expect(answer.field('vary')).toContain('Origin');
    }
    for (const headers of [{}, { Origin: 'https://b.example' }] as Question['headers'][]) {
      const answer = await get('/app.js', headers ? { headers } : {});
      expect(answer.status).toBe(200);
      expect(answer.field('access-control-allow-origin')).toBeUndefined();
      expect(answer.field('vary')).toContain('Origin');
    }
  });

  test('a preflight is 204 and says what is allowed', async () => {
    const get = await site({ cors });
    const answer = await get('/app.js', preflight);
    expect([answer.status, answer.body.length, answer.field('content-length')]).toEqual([204, 0, undefined]);
    expect(answer.field('access-control-allow-origin')).toBe('https://a.example');
    expect(answer.field('access-control-allow-methods')).toBe('GET, HEAD');
    expect(answer.field('access-control-allow-headers')).toBe('X-Custom, Authorization');
    expect(answer.field('access-control-max-age')).toBe('60');
    const refused = await get('/app.js', {
      ...preflight,
      headers: { ...preflight.headers, Origin: 'https://b.example' },
    });
    expect(refused.status).toBe(204);
    expect(refused.lines.filter(([name]) => name.startsWith('Access-Control'))).toEqual([]);
  });

  test('OPTIONS that is no preflight is 405', async () => {
    const get = await site({ cors });
    const answer = await get('/app.js', { method: 'OPTIONS' });
    expect([answer.status, answer.field('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('any origin needs no Vary', async () => {
    const get = await site({ cors: { allowOrigins: ['*'] } });
    const answer = await get('/app.js', { headers: { Origin: 'https://a.example' } });
    expect(answer.field('access-control-allow-origin')).toBe('*');
    expect(answer.field('vary')).toBeUndefined();
  });
});

describe('headers', () => {
  test('extra ones are on every answer, once, and do not replace what an answer says itself', async () => {
    const get = await site({
      directoryListing: true,
      headers: [
        { name: 'Strict-Transport-Security', value: 'max-age=1' },
        { name: 'X-Content-Type-Options', value: 'nosniff' },
        { name: 'Content-Security-Policy', value: "default-src 'self'" },
      ],
    });
    const questions: [string, Question?][] = [
      ['/app.js'],
      ['/app.js', { headers: { Range: 'bytes=0-0,2-2' } }],
      ['/app.js', { headers: { Range: 'bytes=9999-' } }],
      ['/app.js', { headers: { 'If-None-Match': '*' } }],
      ['/app.js', { headers: { 'If-Match': '"x"' } }],
      ['/missing'],
      ['/docs'],
      ['/docs/'],
      ['/%'],
      ['/app.js', { method: 'DELETE' }],
      ['/health'],
    ];
    for (const [target, question] of questions) {
      const answer = await get(target, question);
      const count = (name: string) => answer.lines.filter(([each]) => each.toLowerCase() === name).length;
      const what = `${question?.method ?? 'GET'} ${target} ${JSON.stringify(question?.headers)}`;
      expect(answer.field('strict-transport-security'), what).toBe('max-age=1');
      expect(count('x-content-type-options'), what).toBe(1);
      expect(count('content-security-policy'), what).toBe(1);
    }
    expect((await get('/docs/')).field('content-security-policy')).toContain("default-src 'none'");
  });

  test('user metadata is sent if it is on the list', async () => {
    const get = await site({ metadata: ['author', 'absent'] });
    const answer = await get('/meta.bin');
    expect(answer.lines.filter(([name]) => name.startsWith('x-amz'))).toEqual([['x-amz-meta-author', 'me']]);
  });

  test('a download is named after its key, unless the object says otherwise', async () => {
    const get = await site({ download: ['**/*.txt', '*.bin'] });
    expect((await get('/docs/a/deep.txt')).field('content-disposition')).toBe(
      'attachment; filename=deep.txt',
    );
    expect((await get('/a%2Bb%20%2541/%C3%BC.txt')).field('content-disposition')).toBe(
      'attachment; filename="ü.txt"; filename*=UTF-8\'\'%C3%BC.txt'.replace('ü', '?'),
    );
    expect((await get('/meta.bin')).field('content-disposition')).toBe('inline; filename="own.bin"');
    expect((await get('/app.js')).field('content-disposition')).toBeUndefined();
  });
});

describe('precompressed variants', () => {
  const content = { precompressed: {} };
  const accept = (value: string) => ({ headers: { 'Accept-Encoding': value } });

  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['zstd, gzip', 'zstd'],
    ['gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0.1, br;q=0', 'zstd'],
    ['identity;q=0, br', 'br'],
    ['identity, br;q=0.5', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['', undefined],
    ['br;q=0, *;q=0', undefined],
  ])('Accept-Encoding: %s is answered with %s', async (value, coding) => {
    const get = await site(content);
    const answer = await get('/app.js', accept(value));
    expect([answer.status, answer.field('content-encoding')]).toEqual([200, coding]);
    expect(answer.field('content-type')).toBe(
      coding === undefined ? 'application/javascript' : 'text/javascript; charset=utf-8',
    );
    expect(answer.field('vary')).toBe('Accept-Encoding');
    const key = { br: 'app.js.br', zstd: 'app.js.zst', gzip: 'app.js.gz' }[coding ?? ''] ?? 'app.js';
    expect(answer.body).toEqual((await get(`/${key}`)).body);
  });

  test('each has its own validator and ranges', async () => {
    const get = await site(content);
    const [plain, br] = [await get('/app.js'), await get('/app.js', accept('br'))];
    expect(br.field('etag')).not.toBe(plain.field('etag'));
    const headers = { 'Accept-Encoding': 'br', 'If-None-Match': br.field('etag') ?? '' };
    const unchanged = await get('/app.js', { headers });
    expect([unchanged.status, unchanged.field('vary')]).toEqual([304, 'Accept-Encoding']);
    expect((await get('/app.js', { headers: { ...headers, 'Accept-Encoding': 'gzip' } })).status).toBe(200);
    const part = await get('/app.js', { headers: { 'Accept-Encoding': 'br', Range: 'bytes=1-3' } });
    expect(part.body).toEqual(br.body.subarray(1, 4));
    const head = await get('/app.js', { ...accept('br'), method: 'HEAD' });
    expect(head.field('content-length')).toBe(String(br.body.length));
  });

  test('what has no variant is sent plain, with the same Vary', async () => {
    const get = await site(content);
    const answer = await get('/only.css', accept('br'));
    expect([answer.status, answer.body.toString(), answer.field('vary')]).toEqual([
      200,
      'a{}',
      'Accept-Encoding',
    ]);
    expect(answer.field('content-encoding')).toBeUndefined();
    expect((await get('/missing.css', accept('br'))).status).toBe(404);
  });

  test('an index document has variants like any object', async () => {
    await store.put('site/packed/index.html', 'packed', { ContentType: 'text/html' });
    await store.put('site/packed/index.html.gz', gzipSync('packed'));
    const get = await site({ ...content, indexDocument: 'index.html' });
    const answer = await get('/packed/', accept('gzip'));
    expect([answer.field('content-encoding'), answer.field('content-type')]).toEqual([
      'gzip',
      'text/html; charset=utf-8',
    ]);
  });
});

describe('listing of odd keys', () => {
  test('each can be followed by its link', async () => {
    const names = [
      ' space first',
      'space last ',
      'two  spaces',
      '007',
      '1e5',
      'true',
      'null',
      '<img src=x onerror=alert(1)>',
      '"quoted" & \'more\'',
      '&lt;',
      '&#60;',
      '&amp;amp;',
      'percent%20',
      'plus+',
      '#hash',
      '?query',
      'javascript:alert(1)',
      'a:b',
      '[x]{y}|z\\',
      'ü-日本-🙂',
      '\u202egnp.exe',
      '...',
      '.hidden',
      ']]>',
      '<![CDATA[x',
      'tab\there',
    ];
    for (const name of names) await store.put(`odd/${name}`, name);
    const get = await site({ directoryListing: true }, 'odd/');
    const listed: string[] = JSON.parse((await get('/?format=json')).body.toString()).entries.map(
      ({ name }: { name: string }) => name,
    );
    const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(listed).toEqual(names.toSorted(bytewise));
    const html = (await get('/')).body.toString();
    const links = [...html.matchAll(/href="(\.\/[^"?]+)"/g)].map(([, link = '']) => link);
    expect(links).toHaveLength(names.length);
    for (const [index, link] of links.entries()) {
      const { pathname } = new URL(link, 'http://a/');
      expect((await get(pathname)).body.toString(), link).toBe(listed[index]);
    }
  });
});
