import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { architecture } from '../binaries/cache-directory.ts';
import { pauseProgram } from './pause-program.ts';

test('this machine runs it, and it waits until it is ended', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pause-'));
  const file = join(directory, 'pause');
  await writeFile(file, pauseProgram(architecture()), { mode: 0o755 });
  const child = spawn(file, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await sleep(200);
  // S: it sleeps, rather than going round and round.
  expect(await readFile(`/proc/${child.pid}/stat`, 'utf8')).toMatch(/\) S /);
  child.kill('SIGTERM');
  expect(await ended).toBe('SIGTERM');
  await rm(directory, { recursive: true });
});
