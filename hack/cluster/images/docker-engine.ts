import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { withLock } from '../binaries/lock.ts';
import { type CommandOptions, command } from '../command.ts';
import { say } from '../progress.ts';

/** Runs the Docker client against an engine and gives its stdout. */
export type Docker = (args: readonly string[], options?: CommandOptions) => Promise<string>;

/** Debian's client, which knows its engine's version; another one may come first on PATH. */
const CLIENT = '/usr/bin/docker';
const START_MS = 30_000;

/**
 * Calls `work` with a Docker engine: the machine's own if one answers, else a private one, started for this and stopped after
 * it. Its layers stay in the cache. It makes no bridge and no iptables rule, so containers of a build use the host's network.
 */
export async function withDocker<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
  const client = await access(CLIENT).then(
    () => CLIENT,
    () => 'docker',
  );
  const docker =
    (host?: string): Docker =>
    (args, options = {}) =>
      command(client, args, {
        ...options,
        env: {
          ...process.env,
          ...options.env,
          DOCKER_BUILDKIT: '1',
          ...(host !== undefined && { DOCKER_HOST: host }),
        },
      });
  const own = await docker()(['version', '--format', '{{.Server.Version}}']).catch(() => undefined);
  if (own !== undefined) return work(docker());
  return withLock(cacheDirectory('docker.lock'), () => privateEngine((host) => work(docker(host))));
}

async function privateEngine<T>(work: (host: string) => Promise<T>): Promise<T> {
  say('no Docker engine answers: starting a private one for the build');
  const run = await mkdtemp(join(tmpdir(), 's3p-docker-'));
  const root = cacheDirectory('docker');
  await mkdir(root, { recursive: true });
  const host = `unix://${join(run, 'docker.sock')}`;
  const log = openSync(join(run, 'dockerd.log'), 'a');
  const engine = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', 'dockerd', '--host', host, '--data-root', root],
      ...['--exec-root', join(run, 'exec'), '--pidfile', join(run, 'pid')],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => engine.once('exit', () => resolve()));
  try {
    await answering(host, engine, join(run, 'dockerd.log'));
    return await work(host);
  } finally {
    engine.kill('SIGTERM');
    await ended;
    await rm(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function answering(host: string, engine: ChildProcess, log: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const up = await command(CLIENT, ['--host', host, 'version']).then(
      () => true,
      () => false,
    );
    if (up) return;
    if (engine.exitCode !== null || performance.now() > deadline) {
      const tail = await command('tail', ['-n', '5', log]).catch(() => '');
      throw new Error(`the private Docker engine did not start:\n${tail}`);
    }
    await sleep(200);
  }
}
