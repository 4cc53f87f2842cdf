import { expect, test } from 'vitest';
import { backoffDelay, RetryBudget } from './retry.ts';

test('the wait before a retry doubles up to 2 s, with full jitter', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => backoffDelay(attempt, 1))).toEqual([
    50, 100, 200, 400, 800, 1600, 2000, 2000,
  ]);
  expect([0, 0.5].map((random) => backoffDelay(6, random))).toEqual([0, 800]);
});

test('a store that keeps failing is soon left alone, and one that recovers earns retries again', () => {
  const budget = new RetryBudget();
  let retries = 0;
  while (budget.spend()) retries++;
  expect(retries).toBe(50);
  // In the long run, one retry for twenty successes.
  for (let i = 0; i < 21; i++) budget.refund();
  expect([budget.spend(), budget.spend()]).toEqual([true, false]);
});

test('successes are not hoarded', () => {
  const budget = new RetryBudget();
  for (let i = 0; i < 10_000; i++) budget.refund();
  let retries = 0;
  while (budget.spend()) retries++;
  expect(retries).toBe(50);
});
