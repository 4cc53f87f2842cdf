import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PublishedBucket, publishBucket } from './published-bucket.ts';

let published: PublishedBucket;
beforeAll(async () => {
  published = await publishBucket();
});
afterAll(() => published.stop());

async function put(key: string, body: Uint8Array): Promise<void> {
  await published.s3.send(new PutObjectCommand({ Bucket: published.bucket, Key: key, Body: body }));
}

/** The request target of a key: every byte that is not unreserved is percent-encoded (RFC 3986 §2.1). */
function target(key: string): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}

// The store keeps objects as files: a segment is a file name, at most 255 bytes and not a dot segment.
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !/[/\0]/.test(text) && text.isWellFormed() && !['.', '..', '.sgwtmp'].includes(text))
  .filter((text) => Buffer.byteLength(text) <= 200);
const special = fc.constantFrom(
  'a b',
  'a+b',
  'a%b',
  'a%2Fb',
  '[x]',
  'ü',
  '日本',
  '🙂',
  "it's",
  'a&b=c',
  'q?x',
  'h#x',
  '~',
  '(1)',
);
const key = fc
  .array(fc.oneof(segment, special), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));

describe('the key is the request path', () => {
  test('for any Unicode key', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(key, fc.uint8Array({ maxLength: 100 }), async (name, bytes) => {
        // A folder of its own: the store keeps a key's folders as such, so "a" and "a/b" cannot both be objects there.
        const unique = `${count++}/${name}`;
        await put(unique, bytes);
        const answer = await fetch(published.url + target(unique));
        expect(answer.status).toBe(200);
        expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
      }),
      { numRuns: 150 },
    );
  });

  test('a missing key is 404 and names neither bucket nor store', async () => {
    const answer = await fetch(`${published.url}/missing`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain(published.bucket);
    for (const [name] of answer.headers) expect(name).not.toMatch(/^x-amz-/);
  });

  test('the root never lists the bucket', async () => {
    await put('listed.txt', Buffer.from('x'));
    for (const path of ['/', '/?list-type=2']) {
      const answer = await fetch(published.url + path);
      expect(answer.status, path).toBe(404);
      expect(await answer.text(), path).not.toContain('listed.txt');
    }
  });

  test('an empty object is 200 with Content-Length: 0', async () => {
    await put('empty', new Uint8Array());
    const answer = await fetch(`${published.url}/empty`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('0');
  });
});
