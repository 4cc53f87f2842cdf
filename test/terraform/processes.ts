import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a finished command said. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Never rejects for an exit code. @throws Error when it cannot be started or takes too long */
export async function run(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; timeoutMs?: number } = {},
): Promise<Finished> {
  const timeoutMs = options.timeoutMs ?? 120_000;
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...result) => resolve(result));
    });
    if (code === null) {
      throw new Error(
        `${command} ${args.join(' ')} ended by ${signal} (limit ${timeoutMs} ms)\n${stdout}\n${stderr}`,
      );
    }
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command that must succeed; its standard output. @throws Error with everything it said */
export async function mustRun(...parameters: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...parameters);
  if (code === 0) return stdout;
  throw new Error(`${parameters[0]} ${parameters[1].join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
}

/** A server that runs until stopped. */
export interface Running {
  stop(): Promise<void>;
  /** What it has said so far. */
  log(): string;
}

/**
 * Starts a server and waits until `ready` says so.
 * @throws Error with the server's output when it ends first or is not ready within `timeoutMs`
 */
export async function start(
  command: string,
  args: readonly string[],
  ready: () => Promise<boolean>,
  options: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<Running> {
  const child = spawn(command, args, { env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log = (log + chunk).slice(-100_000);
    });
  }
  const exit = new Promise<void>((resolve) => {
    for (const event of ['error', 'exit'] as const) {
      child.once(event, () => {
        ended = true;
        resolve();
      });
    }
  });
  const stop = async () => {
    if (ended) return;
    child.kill('SIGTERM');
    await Promise.race([exit, sleep(10_000, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await exit;
  };
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  while (!(await ready().catch(() => false))) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} ${ended ? 'ended' : 'was not ready in time'}\n${log}`);
    }
    await sleep(100);
  }
  return { stop, log: () => log };
}

/** A TCP port on 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return address.port;
}
