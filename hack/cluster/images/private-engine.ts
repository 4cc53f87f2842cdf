import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { command } from '../command.ts';
import { createCgroups, removeCgroups } from '../node/cgroups.ts';
import { firstChild } from '../node/machine.ts';
import { isAlive } from '../node/machine-state.ts';
import { say } from '../progress.ts';

const START_MS = 30_000;
const STOP_MS = 15_000;
const CGROUP = 's3p-docker';

/**
 * What runs first in the engine's mount namespace: what the engine writes below /etc and /run stays in there. Where the kernel
 * refuses such a mount, it is a few files more on the host.
 */
const WITH_PRIVATE_FOLDERS = `
private=$1; shift
mount -t tmpfs tmpfs "$private" && for folder in /etc /run; do
  mkdir -p "$private$folder/upper" "$private$folder/work"
  mount -t overlay -o "lowerdir=$folder,upperdir=$private$folder/upper,workdir=$private$folder/work" overlay "$folder" || true
done
exec "$@"`;

/**
 * Calls `work` with the address of a Docker engine that is started for it and stopped after it. Its layers stay in the cache. It
 * makes no bridge and no iptables rule, so containers of a build use the host's network. One at a time.
 */
export async function withPrivateEngine<T>(work: (host: string) => Promise<T>): Promise<T> {
  say('no Docker engine answers: starting a private one for the build');
  const run = await mkdtemp(join(tmpdir(), 's3p-docker-'));
  const removeRun = (): void => rmSync(run, { recursive: true, force: true });
  process.once('exit', removeRun);
  const engine = await start(run);
  try {
    await answering(engine.host, engine.isRunning, join(run, 'dockerd.log'));
    return await work(engine.host);
  } finally {
    await engine.stop();
    await removeCgroups(CGROUP);
    process.off('exit', removeRun);
    await rm(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

interface Engine {
  host: string;
  isRunning(): boolean;
  stop(): Promise<void>;
}

async function start(run: string): Promise<Engine> {
  const host = `unix://${join(run, 'docker.sock')}`;
  const root = cacheDirectory('docker');
  await mkdir(root, { recursive: true });
  await mkdir(join(run, 'private'));
  // Not the machine's own configuration, which is for another engine.
  await writeFile(join(run, 'daemon.json'), '{}');
  await createCgroups(CGROUP);
  const log = openSync(join(run, 'dockerd.log'), 'a');
  const holder = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=SIGTERM'],
      ...['--mount-proc', 'bash', '-c', WITH_PRIVATE_FOLDERS, 'bash', join(run, 'private')],
      ...['dockerd', '--host', host, '--config-file', join(run, 'daemon.json'), '--data-root', root],
      ...['--exec-root', join(run, 'exec'), '--pidfile', join(run, 'pid'), '--cgroup-parent', `/${CGROUP}`],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    ],
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  let running = true;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      resolve();
    };
    holder.once('exit', end);
    holder.once('error', end);
  });
  async function stop(): Promise<void> {
    const engine = holder.pid === undefined ? undefined : await firstChild(holder.pid);
    if (engine !== undefined) {
      process.kill(engine.pid, 'SIGTERM');
      const late = setTimeout(
        () => void isAlive(engine).then((is) => is && process.kill(engine.pid, 9)),
        STOP_MS,
      );
      await ended;
      clearTimeout(late);
    }
    holder.kill('SIGKILL');
    await ended;
  }
  return { host, isRunning: () => running, stop };
}

async function answering(host: string, isRunning: () => boolean, log: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const up = await command('docker', ['--host', host, 'version']).then(
      () => true,
      () => false,
    );
    if (up) return;
    if (!isRunning() || performance.now() > deadline) {
      const tail = await command('tail', ['-n', '8', log]).catch(() => '');
      throw new Error(`the private Docker engine did not start:\n${tail}`);
    }
    await sleep(200);
  }
}
