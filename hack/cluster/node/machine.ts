import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../command.ts';
import { processStart } from '../process-start.ts';
import { isAlive, type MachineState, type ProcessIdentity, type RunningMachine } from './machine-state.ts';

const BOOT_MS = 20_000;
const STOP_MS = 30_000;

export interface BootOptions {
  directory: string;
  /** Lives on when this process ends. */
  detached: boolean;
}

/**
 * Starts a machine's first process in network, mount, process and host name namespaces of its own. With that process gone, the
 * kernel ends all others, and drops the mounts, interfaces and iptables rules.
 * @throws Error with the end of the boot log
 */
export async function boot({ directory, detached }: BootOptions): Promise<RunningMachine['power']> {
  const log = openSync(bootLog(directory), 'w');
  const child = spawn(
    'setpriv',
    [
      ...(detached ? ['--pdeathsig', 'clear'] : ['--pdeathsig', 'KILL']),
      ...['unshare', '--net', '--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'],
      // A shell is the first process, because it takes care of orphans, as node does not.
      ...['bash', '-c', '"$0" "$@"; exit $?', process.execPath],
      ...[join(import.meta.dirname, 'init.ts'), directory],
    ],
    // A session of its own: an interrupt at the terminal is for the one who started it.
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  child.once('error', () => undefined);
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error('the machine could not be started: setpriv (util-linux) is missing');
  const deadline = performance.now() + BOOT_MS;
  for (;;) {
    const [holder, init] = [await identify(pid), await firstChild(pid)];
    if (holder !== undefined && init !== undefined && (await hasOwnNetwork(init.pid)))
      return { holder, init };
    if (holder === undefined || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the machine did not start:\n${await tailOfBootLog(directory)}`);
    }
    await sleep(20);
  }
}

/** Ends a machine at once, as a power failure would. Resolves when every process in it is gone. */
export async function cutPower({ holder, init }: NonNullable<MachineState['power']>): Promise<void> {
  const deadline = performance.now() + STOP_MS;
  // The holder waits for the first process, which the kernel reports dead when all others are.
  for (const each of [init, holder]) {
    if (!(await isAlive(each))) continue;
    kill(each.pid);
    while (await isAlive(each)) {
      if (performance.now() > deadline) {
        throw new Error(`process ${each.pid} does not end: the kernel holds it, mostly for a disk`);
      }
      await sleep(20);
    }
  }
}

/** Runs a program inside a machine and gives its stdout. */
export function executeInside(
  machine: RunningMachine,
  file: string,
  args: readonly string[],
): Promise<string> {
  const entry = ['--target', String(machine.power.init.pid), '--mount', '--pid', '--net', '--uts'];
  return command('nsenter', [...entry, file, ...args]);
}

/** The last lines that the machine's first program wrote. */
export async function tailOfBootLog(directory: string): Promise<string> {
  const text = await readFile(bootLog(directory), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-15).join('\n');
}

function bootLog(directory: string): string {
  return join(directory, 'boot.log');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const start = await processStart(pid);
  return start === undefined ? undefined : { pid, start };
}

/** The first process that a process started and that is still there. */
export async function firstChild(pid: number): Promise<ProcessIdentity | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const [first = ''] = children.trim().split(' ');
  return first === '' ? undefined : identify(Number(first));
}

async function hasOwnNetwork(pid: number): Promise<boolean> {
  const of = (which: string): Promise<string> => readlink(`/proc/${which}/ns/net`).catch(() => '');
  const [own, theirs] = [await of('self'), await of(String(pid))];
  return theirs !== '' && theirs !== own;
}
