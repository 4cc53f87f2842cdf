import { expect, test } from 'vitest';
import { outcomeOf, parseReport, type WrkReport } from './wrk.ts';

const none = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };
const report: WrkReport = {
  requests: 1000,
  bytes: 1_324_000,
  microseconds: 2_000_000,
  p50: 1500,
  p99: 9000,
  errors: none,
};
const small = { objectBytes: 1024, connections: 32 };
const large = { objectBytes: 64 * 1024 * 1024, connections: 32 };

test('the result line is found among wrk’s own words', () => {
  const output = `Running 1s test @ http://127.0.0.1/\nRequests/sec: 10\nRESULT ${JSON.stringify(report)}\n`;
  expect(parseReport(output)).toEqual(report);
});

test('output without a result is shown in the error', () => {
  expect(() => parseReport('unable to connect')).toThrow('unable to connect');
});

test('a clean round', () => {
  expect(outcomeOf(report, small, 300)).toEqual({
    seconds: 2,
    requests: 1000,
    p50Ms: 1.5,
    p99Ms: 9,
    errors: 0,
  });
});

test('refused requests are errors and no requests', () => {
  const refused = { ...report, errors: { ...none, status: 10, read: 2 } };
  expect(outcomeOf(refused, small, 300)).toMatchObject({ requests: 990, errors: 12 });
});

test('bodies that are too short are errors', () => {
  expect(outcomeOf({ ...report, bytes: 1_324_000 / 2 }, small, 300).errors).toBeGreaterThan(480);
});

test('a large object counts by its bytes', () => {
  const bytes = 2.5 * (large.objectBytes + 300);
  expect(outcomeOf({ ...report, requests: 0, bytes }, large, 300).requests).toBeCloseTo(2.5);
});

test('requests that the round cut off count as long as the round', () => {
  const bytes = 40 * large.objectBytes;
  const few = outcomeOf({ ...report, requests: 8, bytes }, large, 300);
  expect(few).toMatchObject({ p50Ms: 2000, p99Ms: 2000 });
  const most = outcomeOf({ ...report, requests: 20, bytes }, large, 300);
  expect(most).toMatchObject({ p50Ms: 1.5, p99Ms: 2000 });
});
