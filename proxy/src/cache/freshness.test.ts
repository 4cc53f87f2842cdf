import { describe, expect, test } from 'vitest';
import type { StoreHeaders } from '../s3/transport/response-head.ts';
import { type Freshness, freshnessOf, RETRY_AFTER_MS, standingOf } from './freshness.ts';

const rules = { fresh: 60_000, staleWhileRevalidate: 10_000, staleIfError: 300_000 };
const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
const tenSecondsOn = 'Sun, 06 Nov 1994 08:49:47 GMT';
const anHourOn = 'Sun, 06 Nov 1994 09:49:37 GMT';
const earlier = 'Sun, 06 Nov 1994 08:49:36 GMT';

const always = (fresh: number): Freshness => ({
  fresh,
  inBackground: fresh + 10_000,
  onError: fresh + 300_000,
});
const neverStale = (fresh: number): Freshness => ({ fresh, inBackground: fresh, onError: fresh });

describe('how long an object may be used', () => {
  test.each<[string, StoreHeaders, Freshness | undefined]>([
    ['the configured time', {}, always(60_000)],
    ['not longer, whatever it says itself', { 'cache-control': 'public, max-age=3600' }, always(60_000)],
    ['shorter, if it says so', { 'cache-control': 'max-age=5' }, always(5_000)],
    ['by s-maxage before max-age', { 'cache-control': 'max-age=5, s-maxage=7' }, neverStale(7_000)],
    ['no longer than s-maxage, never stale', { 'cache-control': 's-maxage=99999' }, neverStale(60_000)],
    [
      'never stale with must-revalidate',
      { 'cache-control': 'max-age=5, must-revalidate' },
      neverStale(5_000),
    ],
    ['never stale with proxy-revalidate', { 'cache-control': 'proxy-revalidate' }, neverStale(60_000)],
    ['never unasked with no-cache', { 'cache-control': 'no-cache, max-age=5' }, neverStale(0)],
    ['never unasked with no-cache for fields', { 'cache-control': 'no-cache="etag"' }, neverStale(0)],
    ['not at all with no-store', { 'cache-control': 'max-age=5, no-store' }, undefined],
    ['not at all with private', { 'cache-control': 'Private' }, undefined],
    ['not at all with private fields', { 'cache-control': 'private="x"' }, undefined],
    ['no time, if max-age is no number', { 'cache-control': 'max-age=soon' }, always(0)],
    ['no time, if max-age is negative', { 'cache-control': 'max-age=-1' }, always(0)],
    ['until Expires', { expires: tenSecondsOn, date }, always(10_000)],
    ['not longer for an Expires far away', { expires: anHourOn, date }, always(60_000)],
    ['by max-age before Expires', { 'cache-control': 'max-age=5', expires: anHourOn, date }, always(5_000)],
    ['no time after Expires', { expires: earlier, date }, always(0)],
    ['no time, if Expires is no date', { expires: '0', date }, always(0)],
    ['until Expires by our clock, if the store sends no Date', { expires: tenSecondsOn }, always(9_000)],
  ])('%s', (_, headers, expected) => {
    expect(freshnessOf(headers, rules, Date.parse(date) + 1000)).toEqual(expected);
  });
});

describe('what may be done with an object', () => {
  const freshness = { fresh: 60_000, inBackground: 70_000, onError: 360_000 };
  const at = (now: number, failedAt?: number, asking = false) =>
    standingOf({ freshness, validatedAt: 0, failedAt }, now, asking);

  test.each<[number, string]>([
    [0, 'fresh'],
    [59_999, 'fresh'],
    [60_000, 'background'],
    [69_999, 'background'],
    [70_000, 'ask'],
    [1_000_000, 'ask'],
  ])('%i ms after the store was asked: %s', (now, expected) => {
    expect(at(now)).toBe(expected);
  });

  test('a failure is believed for a while, so that not every reader waits for one of its own', () => {
    const failedAt = 100_000;
    expect(at(failedAt, failedAt)).toBe('resting');
    expect(at(failedAt + RETRY_AFTER_MS - 1, failedAt)).toBe('resting');
    expect(at(failedAt + RETRY_AFTER_MS, failedAt)).toBe('background');
    expect(at(failedAt + 2 * RETRY_AFTER_MS - 1, failedAt)).toBe('background');
    expect(at(failedAt + 2 * RETRY_AFTER_MS, failedAt)).toBe('ask');
  });

  test('as long as the store is asked in the background after a failure, nobody else asks', () => {
    expect(at(150_000, 100_000, true)).toBe('background');
    expect(at(150_000, undefined, true)).toBe('ask');
  });

  test('no failure makes it last longer than it may on error', () => {
    expect(at(359_999, 359_000)).toBe('resting');
    expect(at(360_000, 359_000)).toBe('ask');
    expect(at(360_000, 359_000, true)).toBe('ask');
  });

  test('a failure in the time of background revalidation holds the next question back', () => {
    expect(at(61_000, 60_500)).toBe('resting');
    expect(at(66_000, 60_500)).toBe('background');
  });
});
