import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStart } from '../process-start.ts';
import { withLock } from './lock.ts';

let directory = '';
let path = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(directory, 'a.lock');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** How many of several works ran at once at most. */
async function greatestOverlap(count: number): Promise<number> {
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await sleep(5);
    running -= 1;
  };
  await Promise.all(Array.from({ length: count }, () => withLock(path, work)));
  return most;
}

test('one at a time, and nothing stays behind', async () => {
  expect(await greatestOverlap(4)).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test('it is given up when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(path, async () => 'yes')).toBe('yes');
});

test.each([
  ['is gone', async () => `${spawnSync('true').pid} 1 x`],
  ['has a pid that is another’s by now', async () => `${process.pid} 1 x`],
  ['wrote nothing', async () => ''],
])('a lock is broken whose holder %s', async (_, content) => {
  await writeFile(path, await content());
  expect(await greatestOverlap(3)).toBe(1);
});

test('a process is told from an earlier one with its pid', async () => {
  expect(await processStart(process.pid)).toMatch(/^\d+$/);
  expect(await processStart(spawnSync('true').pid)).toBeUndefined();
});
