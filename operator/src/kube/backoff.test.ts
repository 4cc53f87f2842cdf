import { describe, expect, it } from 'vitest';
import { backoffMs, jittered } from './backoff.ts';
import { canonicalJson } from './canonical-json.ts';
import { microTime } from './micro-time.ts';
import { manualClock } from './testing/manual-clock.ts';
import { createTokenBuckets } from './token-buckets.ts';

describe('backoffMs', () => {
  it('doubles up to its limit', () => {
    const options = { baseMs: 100, maxMs: 1000, random: () => 0 };
    expect([0, 1, 2, 3, 4, 5000].map((failures) => backoffMs(failures, options))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it('takes off up to a half at random', () => {
    expect(backoffMs(1, { baseMs: 100, maxMs: 1000, random: () => 0.999 })).toBeCloseTo(100, 0);
  });
});

describe('jittered', () => {
  it('spreads both ways', () => {
    expect(jittered(100, 0.1, () => 0)).toBeCloseTo(90);
    expect(jittered(100, 0.1, () => 0.5)).toBeCloseTo(100);
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys nor on undefined members', () => {
    expect(canonicalJson({ b: [1, { y: null, x: undefined }], a: 'é' })).toBe('{"a":"é","b":[1,{"y":null}]}');
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => canonicalJson([() => 1])).toThrow(TypeError);
  });
});

describe('microTime', () => {
  it('has six decimals', () => {
    expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006000Z');
  });
});

describe('token buckets', () => {
  it('allow a burst, then the refill, for each name', async () => {
    const clock = manualClock();
    const buckets = createTokenBuckets({ clock, burst: 2, refillMs: 1000, maxBuckets: 10 });
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a'), buckets.take('b')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    await clock.advance(1000);
    expect([buckets.take('a'), buckets.take('a')]).toEqual([true, false]);
  });

  it('forget the longest unused', () => {
    const buckets = createTokenBuckets({ clock: manualClock(), burst: 1, refillMs: 1000, maxBuckets: 1 });
    buckets.take('a');
    buckets.take('b');
    expect(buckets.take('a')).toBe(true);
  });
});
