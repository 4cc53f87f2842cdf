import { expect, test } from 'vitest';
import { totalOf } from './prometheus.ts';

const exposition = `# HELP calls_total Calls, by result.
# TYPE calls_total counter
calls_total{result="ok"} 40
calls_total{result="a } b"} 2
calls_total_other 7
plain 1.5e3 1700000000000
`;

test('adds up the series of one metric alone', () => {
  expect(totalOf(exposition, 'calls_total')).toBe(42);
  expect(totalOf(exposition, 'plain')).toBe(1500);
});

test('a metric that is not there is 0', () => {
  expect(totalOf(exposition, 'calls')).toBe(0);
});
