import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from './process-tree.ts';

/** A program of the race that has been started. */
export interface Running {
  pid: number;
  /** @returns how it ended, or undefined while it runs */
  ended(): string | undefined;
  /** The end of what it wrote. */
  log(): string;
  /** Its standard input, if it was to have one. */
  input?: Writable | undefined;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Name of the log file, below `logs`. */
  name: string;
  logs: string;
  /** Processors to run on, as taskset(1) takes them. */
  processors: string;
  env?: NodeJS.ProcessEnv;
  /** Whether it reads from this process. Default false. */
  input?: boolean;
}

const STOP_MS = 5_000;

const children = new Set<ChildProcess>();

// Children of children too: nginx's workers outlive a master that is killed.
process.once('exit', () => {
  for (const { pid } of children) if (pid !== undefined) killTree(pid);
});

/** Starts a program on the given processors. It and all its children end with this process at the latest. */
export function start(file: string, args: readonly string[], options: StartOptions): Running {
  const log = join(options.logs, `${options.name}.log`);
  const descriptor = openSync(log, 'a');
  // setpriv: the kernel ends it should this process be killed and so have no time to.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', 'taskset', '--cpu-list', options.processors, file, ...args],
    {
      stdio: [options.input === true ? 'pipe' : 'ignore', descriptor, descriptor],
      env: options.env ?? process.env,
    },
  );
  // A program that ends without reading its input is told of by `ended`.
  child.stdin?.on('error', () => undefined);
  closeSync(descriptor);
  children.add(child);
  let end: string | undefined;
  const gone = new Promise<void>((resolve) => {
    const finish = (how: string) => {
      end = `${options.name} ended with ${how}: ${tail(log)}`;
      children.delete(child);
      resolve();
    };
    child.once('exit', (code, signal) => finish(signal ?? `code ${code}`));
    child.once('error', (error) => finish(error.message));
  });
  const pid = child.pid ?? -1;
  return {
    pid,
    ended: () => end,
    log: () => tail(log),
    input: child.stdin ?? undefined,
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([gone, sleep(STOP_MS, undefined, { ref: false })]);
      if (end === undefined) killTree(pid);
      await gone;
    },
  };
}

/**
 * Waits until `ready` is true.
 * @throws Error with the end of the program's log when it ends first, or does not get ready in time
 */
export async function untilReady(
  running: Running,
  what: string,
  ready: () => Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await ready().catch(() => false))) {
    const end = running.ended();
    if (end !== undefined) throw new Error(end);
    if (performance.now() > deadline) {
      throw new Error(`${what} does not answer as it should after ${timeoutMs / 1000} s: ${running.log()}`);
    }
    await sleep(50);
  }
}

function killTree(root: number): void {
  for (const pid of processTree(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-1_000).trim();
}
