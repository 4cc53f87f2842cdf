import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { processStart } from './process-start.ts';

test('a process is told from an earlier one with its pid', async () => {
  expect(await processStart(process.pid)).toMatch(/^\d+$/);
  expect(await processStart(spawnSync('true').pid)).toBeUndefined();
});
