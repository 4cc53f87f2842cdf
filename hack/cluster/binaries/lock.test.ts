import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  expect(await greatestOverlap(8)).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test('it is given up when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(path, async () => 'yes')).toBe('yes');
});

test('a file that was left behind is no lock', async () => {
  await writeFile(path, '1');
  expect(await greatestOverlap(3)).toBe(1);
});

test('it names its holder, and ends with it', async () => {
  const program = `
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await withLock(${JSON.stringify(path)}, async () => {
      console.log('held');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  expect(await readFile(path, 'utf8')).toBe(String(holder.pid));
  let killed = false;
  const next = withLock(path, async () => killed);
  killed = holder.kill('SIGKILL');
  expect(await next).toBe(true);
});

test('what cannot be locked is said', async () => {
  await expect(withLock(directory, async () => 'no')).rejects.toThrow(`${directory} could not be locked`);
});
