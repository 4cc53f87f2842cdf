import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { processCount } from './process-count.ts';

test('as many processes serve as asked for; 0 is one per core', () => {
  expect(processCount({ WORKERS: 3 })).toBe(3);
  expect(processCount({ WORKERS: 0 })).toBe(availableParallelism());
});
