import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processStart } from '../process-start.ts';

const processSchema = z.object({
  pid: z.number(),
  /** A pid alone may be somebody else's by now: see `processStart`. */
  start: z.string(),
});

const machineStateSchema = z.object({
  /** Names the machine's interface and cgroup on the host. */
  id: z.string(),
  network: z.object({ hostInterface: z.string(), hostAddress: z.string(), address: z.string() }),
  cgroup: z.string(),
  s3: z.object({
    endpoint: z.string(),
    region: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  /** Absent while the machine is off. */
  power: z
    .object({
      /** Holds the machine up, from outside. */
      holder: processSchema,
      /** The machine's first process: with it, all others in it end. */
      init: processSchema,
    })
    .optional(),
});

export type ProcessIdentity = z.output<typeof processSchema>;

/** What another process must know to use or stop a machine: `machine.json` in its directory. */
export type MachineState = z.output<typeof machineStateSchema>;

/** A machine that is on. */
export type RunningMachine = MachineState & { power: NonNullable<MachineState['power']> };

/**
 * The state of the machine in a directory; undefined when there is none.
 * @throws Error where the file is no such state
 */
export async function readMachineState(directory: string): Promise<MachineState | undefined> {
  const file = join(directory, 'machine.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return machineStateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} is damaged or of another version; see what still runs there, then remove it`, {
      cause,
    });
  }
}

export async function writeMachineState(directory: string, state: MachineState): Promise<void> {
  const file = join(directory, 'machine.json');
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  return (await processStart(pid)) === start;
}

/** The state, if its machine is on. */
export async function runningMachine(state: MachineState | undefined): Promise<RunningMachine | undefined> {
  if (state?.power === undefined) return undefined;
  return (await isAlive(state.power.init)) ? { ...state, power: state.power } : undefined;
}
