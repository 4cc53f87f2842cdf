import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runStep, type StepResult } from './run-step.ts';
import { type Step, selectSteps } from './step.ts';
import { sum, summaryLine } from './tally.ts';

// node hack/test/main.ts [step …]: runs the steps one after the other, all of them even when one fails, and ends with
// one line that counts their tests. The line is also left in .cache/test/summary.txt.

const repository = resolve(import.meta.dirname, '../..');
const directory = join(repository, '.cache/test');
const summaryFile = join(directory, 'summary.txt');

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(names: readonly string[]): Promise<number> {
  const chosen = selectSteps(names);
  process.chdir(repository);
  process.env.PATH = `${join(repository, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  await mkdir(directory, { recursive: true });
  await rm(summaryFile, { force: true });

  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort());
  }

  const results = new Map<Step, StepResult>();
  for (const step of chosen) {
    if (interruption.signal.aborted) break;
    console.log(`\n==> ${step.name}`);
    const result = await runStep(step, directory, interruption.signal);
    results.set(step, result);
    console.log(`==> ${describe(step, result)}`);
  }

  console.log('\nSteps');
  for (const step of chosen) console.log(`  ${describe(step, results.get(step))}`);
  const failures = [...results].flatMap(([step, result]) =>
    result.failures.map((line) => `  ${step.name}: ${line}`),
  );
  if (failures.length > 0) console.log(`\nFailed\n${failures.join('\n')}`);
  const total = sum([...results.values()].map(({ tally }) => tally));
  // A run that was stopped has not passed, however far it came.
  if (results.size < chosen.length) total.failed += chosen.length - results.size;
  await writeFile(summaryFile, `${summaryLine(total)}\n`);
  console.log(`\n${summaryLine(total)}`);
  return total.failed === 0 ? 0 : 1;
}

function describe(step: Step, result: StepResult | undefined): string {
  const name = step.name.padEnd(10);
  if (result === undefined) return `${name} not run`;
  const { tally, seconds, note } = result;
  const verdict = tally.failed === 0 ? 'ok' : 'FAILED';
  const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`;
  const counts = step.vitest ? `${summaryLine(tally)}${skipped}` : '';
  return [name, verdict.padEnd(6), `${seconds.toFixed(1)} s`.padStart(8), counts, note ?? '']
    .filter((part) => part !== '')
    .join('  ');
}
