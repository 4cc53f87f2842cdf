import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from '../process-start.ts';
import { say } from '../progress.ts';

const RETRY_MS = 300;

/** Runs `work` while holding a lock file that names this process. A lock of a process that is gone is broken. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${process.pid} ${await processStart(process.pid)} ${randomUUID()}`;
  for (let told = false; !(await take(path, own)); ) {
    const holder = await read(path);
    if (holder === undefined) continue;
    if (!(await isHeld(holder))) {
      await breakLock(path, holder);
      continue;
    }
    if (!told) say(`waiting for process ${holder.split(' ')[0]}, which holds ${path}`);
    told = true;
    await sleep(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    if ((await read(path)) === own) await rm(path, { force: true });
  }
}

/** Links a file that is complete, so that nobody ever sees a lock without its holder's name. */
async function take(path: string, own: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, own);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isHeld(holder: string): Promise<boolean> {
  const [pid, start] = holder.split(' ');
  const now = await processStart(Number(pid));
  return now !== undefined && (start === undefined || start === now);
}

/** Takes the lock file away, unless it is not the one that was read: somebody else was first, and holds a new one. */
async function breakLock(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await read(aside)) !== stale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
