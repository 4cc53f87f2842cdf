import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from '../process-start.ts';
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

export async function isUp(state: MachineState): Promise<boolean> {
  return state.pid !== undefined && (await processStart(state.pid)) === state.startedAt;
}
