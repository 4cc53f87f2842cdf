import { describe, expect, test } from 'vitest';
import { StoreError, type StoreErrorKind } from '../s3/store-error.ts';
import { isFailureOfStore, isSameVersion, tagToAskWith } from './revalidation.ts';

const etag = '"a"';
const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
const earlier = 'Sun, 06 Nov 1994 08:49:36 GMT';

describe('the tag to ask with', () => {
  test('is the entity tag of an object that was written some time before it was read', () => {
    expect(tagToAskWith({ etag, date, 'last-modified': earlier })).toBe(etag);
    expect(tagToAskWith({ etag: 'W/"a"', date, 'last-modified': earlier })).toBe('W/"a"');
  });

  test('is none for an object without an entity tag', () => {
    expect(tagToAskWith({ date, 'last-modified': earlier })).toBeUndefined();
  });

  test('is none when the object may have been written again in the second it was read', () => {
    expect(tagToAskWith({ etag, date, 'last-modified': date })).toBeUndefined();
    expect(tagToAskWith({ etag, date: earlier, 'last-modified': date })).toBeUndefined();
  });

  test('is none when nobody knows when it was read', () => {
    expect(tagToAskWith({ etag, 'last-modified': date })).toBeUndefined();
  });

  test('is all there is when the store does not say when it was written', () => {
    expect(tagToAskWith({ etag, date })).toBe(etag);
  });
});

test('a version is its bytes and its time', () => {
  expect(isSameVersion({ etag, 'last-modified': date }, { etag, 'last-modified': date })).toBe(true);
  expect(isSameVersion({ etag, 'last-modified': date }, { etag, 'last-modified': earlier })).toBe(false);
  expect(isSameVersion({ etag, 'last-modified': date }, { etag: '"b"', 'last-modified': date })).toBe(false);
});

test.each<[StoreErrorKind, boolean]>([
  ['connection', true],
  ['timeout', true],
  ['server', true],
  ['slow-down', true],
  ['not-found', false],
  ['archived', false],
  ['credentials', false],
  ['bucket', false],
  ['protocol', false],
  ['changed', false],
  ['range', false],
  ['canceled', false],
])('%s may be bridged: %s', (kind, expected) => {
  expect(isFailureOfStore(new StoreError(kind, kind))).toBe(expected);
});

test('an error of our own is not bridged', () => {
  expect(isFailureOfStore(new TypeError('x'))).toBe(false);
});
