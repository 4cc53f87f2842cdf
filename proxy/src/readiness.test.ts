import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { keepProbing, nextProbeDelay, Readiness } from './readiness.ts';
import type { BucketReport } from './report.ts';

const bucket = (reachable: BucketReport['reachable']): BucketReport => ({
  reachable,
  reason: 'Any',
  message: '',
});

describe('readiness', () => {
  test('begins with the first probe that does not fail', () => {
    const readiness = new Readiness();
    expect(readiness.report()).toMatchObject({ ready: false, bucket: { reason: 'NotProbedYet' } });
    readiness.record(bucket('False'));
    expect(readiness.report().ready).toBe(false);
    readiness.record(bucket('True'));
    expect(readiness.report()).toEqual({ ready: true, bucket: bucket('True') });
  });

  test('begins when nothing is known for sure, too: the keys may only lack the right to list', () => {
    const readiness = new Readiness();
    readiness.record(bucket('Unknown'));
    expect(readiness.report().ready).toBe(true);
  });

  test('stays through trouble of the store, which is told', () => {
    const readiness = new Readiness();
    readiness.record(bucket('True'));
    readiness.record(bucket('False'));
    expect(readiness.report()).toEqual({ ready: true, bucket: bucket('False') });
  });

  test('ends when the process is about to', () => {
    const readiness = new Readiness();
    readiness.record(bucket('True'));
    readiness.drain();
    readiness.record(bucket('True'));
    expect(readiness.report().ready).toBe(false);
  });
});

test('the next probe comes after 30 s, or after a failure in 1 s doubling to 15 s, give or take a tenth', () => {
  expect([0, 0.5].map((random) => nextProbeDelay(0, random))).toEqual([27_000, 30_000]);
  expect([1, 2, 3, 4, 5, 6, 100].map((failures) => nextProbeDelay(failures, 0.5))).toEqual([
    1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
  ]);
  expect([nextProbeDelay(1, 0), nextProbeDelay(1, 1)]).toEqual([900, 1100]);
});

test('probing ends with the signal, also in the middle of a wait', async () => {
  const reports: BucketReport[] = [];
  const abort = new AbortController();
  const probing = keepProbing(
    async () => bucket('True'),
    (report) => reports.push(report),
    abort.signal,
  );
  await sleep(10);
  abort.abort();
  await probing;
  expect(reports).toEqual([bucket('True')]);
});
