import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineNetwork } from './network.ts';

/** What another process must know to use or stop a machine: `machine.json` in its directory. */
export interface MachineState {
  network: MachineNetwork;
  cgroup: string;
  s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
  /** Process that holds the machine up; undefined while it is off. */
  pid?: number | undefined;
  /** When that process started, in clock ticks since boot: a pid alone may be somebody else's by now. */
  startedAt?: string | undefined;
}

export async function readMachineState(directory: string): Promise<MachineState | undefined> {
  const text = await readFile(join(directory, 'machine.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as MachineState);
}

export async function writeMachineState(directory: string, state: MachineState): Promise<void> {
  await writeFile(join(directory, 'machine.json'), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

/** Start time of a process as /proc tells it; undefined when there is none. */
export async function processStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The command, second, may hold spaces and parentheses; the start is the 20th field behind it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

export async function isUp(state: MachineState): Promise<boolean> {
  return state.pid !== undefined && (await processStart(state.pid)) === state.startedAt;
}
