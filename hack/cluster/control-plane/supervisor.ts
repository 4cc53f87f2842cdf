import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** A program kept running: started again a second after it ends, until it is stopped. */
export interface Supervised {
  readonly name: string;
  readonly pid: number | undefined;
  /** Ends it by SIGTERM, after ten seconds by SIGKILL, and leaves it ended. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  start(): void;
  /** Ends it as a crash would, and leaves it ended. */
  kill(): Promise<void>;
}

const RESTART_MS = 1_000;
const STOP_MS = 10_000;

/** Every program that this process supervises: none may outlive it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program; what it writes goes to `<logs>/<name>.log`. It dies with this process, even if that is killed. */
export function supervise(
  name: string,
  file: string,
  args: readonly string[],
  options: { logs: string; env?: NodeJS.ProcessEnv; restart?: boolean },
): Supervised {
  mkdirSync(options.logs, { recursive: true });
  let wanted = false;
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    wanted = true;
    const log = openSync(join(options.logs, `${name}.log`), 'a');
    // setpriv: the kernel ends the child when this process is gone, however it went.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
      stdio: ['ignore', log, log],
      env: options.env ?? process.env,
    });
    closeSync(log);
    child = started;
    running.add(started);
    ended = new Promise((resolve) => {
      const finish = (): void => {
        running.delete(started);
        resolve();
        if (wanted && options.restart !== false) timer = setTimeout(start, RESTART_MS);
      };
      started.once('exit', finish);
      started.once('error', finish);
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    wanted = false;
    clearTimeout(timer);
    child?.kill(signal);
    const last = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(last);
  }

  start();
  return {
    name,
    get pid() {
      return child?.pid;
    },
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
