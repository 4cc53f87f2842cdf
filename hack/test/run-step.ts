import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from './step.ts';
import { failuresOfVitest, type Tally, tallyOfCommand, tallyOfVitest } from './tally.ts';

export interface StepResult {
  tally: Tally;
  seconds: number;
  /** Set where the step did not end by itself. */
  note?: string;
  /** One line for each failed test. */
  failures: string[];
}

/** How long a step may take to clean up once it was told to stop. */
const GRACE_MS = 60_000;

/**
 * Runs one step with its output on ours.
 * @param directory takes the reports of Vitest
 * @param interrupted stops the step when it fires
 */
export async function runStep(step: Step, directory: string, interrupted: AbortSignal): Promise<StepResult> {
  const started = performance.now();
  const reportFile = join(directory, `${step.name}.json`);
  await rm(reportFile, { force: true });
  const [program, ...args] = step.vitest
    ? [...step.command, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    : step.command;
  const { code, note } = await supervise(program ?? '', args, step.limitMinutes, interrupted);
  const report = step.vitest ? await textOf(reportFile) : undefined;
  return {
    tally: step.vitest ? tallyOfVitest({ code }, report) : tallyOfCommand({ code }),
    seconds: (performance.now() - started) / 1000,
    failures: failuresOfVitest(report),
    ...(note === undefined ? {} : { note }),
  };
}

/** Runs a program in a process group of its own, so that stopping it stops what it started. */
async function supervise(
  program: string,
  args: readonly string[],
  limitMinutes: number,
  interrupted: AbortSignal,
): Promise<{ code: number; note?: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  let note: string | undefined;
  let kill: NodeJS.Timeout | undefined;
  const stop = (reason: string): void => {
    note ??= reason;
    signalGroup(child, 'SIGTERM');
    kill ??= setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  };
  const interrupt = (): void => stop('interrupted');
  const limit = setTimeout(
    () => stop(`ended after its limit of ${limitMinutes} minutes`),
    limitMinutes * 60_000,
  );
  interrupted.addEventListener('abort', interrupt);
  try {
    const code = await new Promise<number>((resolve) => {
      child.once('error', (error) => {
        note = error.message;
        resolve(127);
      });
      child.once('close', (status, signal) => {
        if (signal !== null) note ??= `ended by ${signal}`;
        resolve(note === undefined ? (status ?? 1) : status === 0 ? 1 : (status ?? 1));
      });
    });
    return { code, ...(note === undefined ? {} : { note }) };
  } finally {
    clearTimeout(limit);
    clearTimeout(kill);
    interrupted.removeEventListener('abort', interrupt);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone in the meantime.
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
