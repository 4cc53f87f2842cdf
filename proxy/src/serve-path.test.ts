import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContentConfigInput } from './content-config.ts';
import { encodePath } from './http/percent-encoding.ts';
import { ask, converse, type Question } from './testing/http-client.ts';
import { type ScriptedStore, startScriptedStore, storeError } from './testing/scripted-store.ts';
import { type Served, serve } from './testing/serve.ts';

let store: ScriptedStore;
const running: Served[] = [];
beforeAll(async () => {
  store = await startScriptedStore(() => ({ status: 500 }));
});
beforeEach(() => store.follow(() => storeError(404, 'NoSuchKey')));
afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()));
  await store.close();
});

async function site(content: ContentConfigInput, environment: Record<string, unknown> = {}) {
  const served = await serve(store.endpoint, { content, ...environment });
  running.push(served);
  return (target: string, question?: Question) => ask(served.port, target, question);
}

/** Keys that the store was asked for, decoded. */
const keysAsked = () =>
  store.questions.map(({ path }) => decodeURIComponent(path.slice('/bucket-name/'.length)));

describe('the key', () => {
  // Files cannot be called so; keys can. The real store of test/s3 keeps objects as files.
  const part = fc.oneof(
    fc.constantFrom('', 'a', 'a b', 'a+b', '100%', '%41', '[x]', 'ü', '日本', '🙂', '?', '#', ':', '...'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const key = fc
    .array(part, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'))
    .filter((text) => text !== '' && text !== 'health' && !text.includes('\0'))
    .filter((text) => !text.split('/').some((each) => each === '.' || each === '..'));

  test('is the decoded path behind the prefix, whatever is in it: double and last slashes, too', async () => {
    const get = await site({}, { S3_PREFIX: 'pre fix/' });
    store.follow(({ path }) => ({ status: 200, headers: { ETag: '"a"' }, body: path }));
    await fc.assert(
      fc.asyncProperty(key, async (text) => {
        store.questions.length = 0;
        expect((await get(`/${encodePath(text)}`)).status).toBe(200);
        expect(keysAsked()).toEqual([`pre fix/${text}`]);
      }),
    );
  });

  test('is the same however the client has encoded it', async () => {
    const get = await site({});
    for (const target of ['/%C3%BC%20a', '/%c3%bc%20%61', '/%C3%BC%20%61?x']) {
      store.questions.length = 0;
      await get(target);
      expect(keysAsked(), target).toEqual(['ü a']);
    }
  });

  test('must be encoded: bytes beyond ASCII and spaces are 400', async () => {
    const served = await serve(store.endpoint);
    running.push(served);
    for (const target of ['/\u00c3\u00bc', '/a b']) {
      const text = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      expect(await converse(served.port, text), target).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test('longer than 1024 bytes cannot exist and is not asked for', async () => {
    const get = await site({ errorDocument: 'error.html' });
    expect((await get(`/${'x'.repeat(1025)}`)).status).toBe(404);
    expect(keysAsked()).toEqual(['error.html']);
  });

  test('that is empty is not asked for: to S3 it would mean a listing', async () => {
    const get = await site({});
    expect((await get('/')).status).toBe(404);
    expect((await get('/?list-type=2')).status).toBe(404);
    expect(store.questions).toEqual([]);
  });
});

describe('website redirects', () => {
  const redirecting = (location: string) => ({
    status: 200,
    headers: { ETag: '"a"', 'x-amz-website-redirect-location': location },
    body: 'x',
  });

  test.each(['/new place'.replace(' ', '%20'), 'https://other.example/x?y#z', 'http://a/'])(
    'to %s is 301',
    async (location) => {
      const get = await site({ websiteRedirects: true });
      store.follow(() => redirecting(location));
      for (const method of ['GET', 'HEAD']) {
        const answer = await get('/a', { method });
        expect([answer.status, answer.field('location'), answer.body.length]).toEqual([301, location, 0]);
      }
    },
  );

  test('come before conditions and ranges, which are about a 200', async () => {
    const get = await site({ websiteRedirects: true });
    store.follow(({ headers }) =>
      headers.range === undefined
        ? redirecting('/new')
        : storeError(416, 'InvalidRange', '<ActualObjectSize>1</ActualObjectSize>'),
    );
    for (const headers of [
      { 'If-None-Match': '"a"' },
      { 'If-Match': '"b"' },
      { Range: 'bytes=5-' },
      { Range: 'bytes=5-,7-' },
    ] as Record<string, string>[])
      expect((await get('/a', { headers })).status, JSON.stringify(headers)).toBe(301);
  });

  test.each(['javascript:alert(1)', 'relative', 'ftp://a/', '/with space'])(
    'to %s are not followed: the object itself is sent',
    async (location) => {
      const get = await site({ websiteRedirects: true });
      store.follow(() => redirecting(location));
      const answer = await get('/a');
      expect([answer.status, answer.field('location'), answer.body.toString()]).toEqual([
        200,
        undefined,
        'x',
      ]);
    },
  );

  test('are left alone unless asked for', async () => {
    const get = await site({});
    store.follow(() => redirecting('/new'));
    const answer = await get('/a');
    expect([answer.status, answer.field('location')]).toEqual([200, undefined]);
  });
});

describe('keys that may not list the bucket', () => {
  beforeEach(() =>
    store.follow(({ path, query }) =>
      query.has('list-type') || !path.endsWith('/404.html')
        ? storeError(403, 'AccessDenied')
        : { status: 200, headers: { 'Content-Type': 'text/html' }, body: 'lost' },
    ),
  );

  test('give 404 for what is missing, with its error document', async () => {
    const get = await site({ directoryListing: true, errorDocument: '404.html' });
    for (const target of ['/', '/dir/', '/missing']) {
      const answer = await get(target);
      expect([answer.status, answer.body.toString()], target).toEqual([404, 'lost']);
    }
  });
});

describe('a listing', () => {
  const listing = (inside: string) => ({
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: `<?xml version="1.0"?><ListBucketResult>${inside}<IsTruncated>false</IsTruncated></ListBucketResult>`,
  });
  const object = (key: string) =>
    `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`;

  test('decodes keys if the store says that it encoded them', async () => {
    const get = await site({ directoryListing: true });
    const names = async (inside: string) => {
      store.follow(() => listing(inside));
      const { entries } = JSON.parse((await get('/?format=json')).body.toString());
      return entries.map(({ name }: { name: string }) => name);
    };
    expect(await names(`<EncodingType>url</EncodingType>${object('a+b%2Bc%2520%01')}`)).toEqual([
      'a b+c%20\u0001',
    ]);
    expect(await names(`<EncodingType></EncodingType>${object('a+b%2B')}`)).toEqual(['a+b%2B']);
    expect(await names(object('a+b%2B'))).toEqual(['a+b%2B']);
    expect(await names('')).toEqual([]);
    expect(store.questions[0]?.query.get('encoding-type')).toBe('url');
  });

  test('leaves out the object that marks the directory itself', async () => {
    const get = await site({ directoryListing: true });
    store.follow(() => listing(object('dir/') + object('dir/a')));
    const { entries } = JSON.parse((await get('/dir/?format=json')).body.toString());
    expect(entries.map(({ name }: { name: string }) => name)).toEqual(['a']);
  });

  test.each([
    ['no XML', 'nonsense'],
    ['another document', '<a/>'],
    ['keys of elsewhere', `<ListBucketResult>${object('other/a')}</ListBucketResult>`],
    [
      'keys that are encoded wrongly',
      `<ListBucketResult><EncodingType>url</EncodingType>${object('dir/%zz')}</ListBucketResult>`,
    ],
  ])('that is %s is 502', async (_name, body) => {
    const get = await site({ directoryListing: true });
    store.follow(() => ({ status: 200, body }));
    expect((await get('/dir/')).status).toBe(502);
  });
});
