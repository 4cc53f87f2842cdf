import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { say } from '../progress.ts';

/** A lock that takes longer than this to get is worth a word. Milliseconds. */
const PATIENCE_MS = 300;

/** Holds the lock on its file descriptor 9 for as long as its stdin is open. */
const HOLDER = 'exec 9>>"$1" && flock 9 && echo && exec cat';

/**
 * Runs `work` while holding a lock file. The kernel keeps the lock (flock(2)), so that it ends with its holder, however that ends; the file
 * is removed by the last one to hold it.
 * @throws what `work` throws, or Error when the lock cannot be had
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = await acquire(path);
  try {
    await writeFile(path, String(process.pid));
    return await work();
  } finally {
    // Those who wait for the removed file see that it is not the one at this path any more, and wait again.
    await rm(path, { force: true });
    await release(holder);
  }
}

async function acquire(path: string): Promise<ChildProcess> {
  const timer = setTimeout(() => void tellHolder(path), PATIENCE_MS);
  try {
    for (;;) {
      const holder = await lockFile(path);
      const [mine, there] = await Promise.all([inode(`/proc/${holder.pid}/fd/9`), inode(path)]);
      if (mine !== undefined && mine === there) return holder;
      await release(holder);
    }
  } finally {
    clearTimeout(timer);
  }
}

function lockFile(path: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    // In a process group of its own: a terminal's Ctrl-C must not end it before the work has been cleaned up.
    const holder = spawn('sh', ['-c', HOLDER, 'sh', path], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    holder.stdout.once('data', () => resolve(holder));
    holder.once('error', reject);
    holder.once('close', (code) => {
      reject(new Error(`${path} could not be locked (code ${code}): ${stderr.trim()}`));
    });
  });
}

async function release(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = new Promise((resolve) => holder.once('exit', resolve));
  holder.stdin?.end();
  await ended;
}

async function tellHolder(path: string): Promise<void> {
  const pid = await readFile(path, 'utf8').catch(() => '');
  say(`waiting for ${pid === '' ? 'another process' : `process ${pid}`}, which holds ${path}`);
}

async function inode(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );
}
