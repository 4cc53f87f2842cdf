import { expect, test } from 'vitest';
import type { Sample } from './figures.ts';
import { storeCpuPerRequest, summarize } from './summary.ts';

const cell = { objectBytes: 1024, connections: 32 };

function sample(changes: Partial<Sample>): Sample {
  return {
    seconds: 2,
    requests: 1000,
    p50Ms: 1,
    p99Ms: 5,
    cpuSeconds: 0.5,
    storeCpuSeconds: 0.25,
    peakRssBytes: 50e6,
    errors: 0,
    ...changes,
  };
}

test('one disturbed round does not move the rate or the latencies', () => {
  const samples = [sample({}), sample({}), sample({ requests: 10, p50Ms: 90, p99Ms: 900 })];
  expect(summarize('ours', cell, samples)).toEqual({
    system: 'ours',
    objectBytes: 1024,
    connections: 32,
    requestsPerSecond: 500,
    bytesPerSecond: 512_000,
    p50Ms: 1,
    p99Ms: 5,
    cpuSecondsPerRequest: 0.0007463,
    peakRssBytes: 50e6,
    errors: 0,
  });
});

test('errors add up, and the largest peak counts', () => {
  const samples = [sample({ errors: 1, peakRssBytes: 70e6 }), sample({ errors: 2 })];
  expect(summarize('ours', cell, samples)).toMatchObject({ errors: 3, peakRssBytes: 70e6 });
});

test('a system that answered nothing has figures all the same', () => {
  expect(summarize('ours', cell, [sample({ requests: 0 })])).toMatchObject({
    requestsPerSecond: 0,
    cpuSecondsPerRequest: 0.5,
  });
});

test('the store’s own time is shared out among the requests', () => {
  expect(storeCpuPerRequest([sample({}), sample({})])).toBeCloseTo(0.00025);
});
