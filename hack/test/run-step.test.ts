import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStep } from './run-step.ts';
import type { Step } from './step.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-step-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const step = (script: string, limitMinutes = 1, vitest = false): Step => ({
  name: 'step',
  // What follows the two dashes is left to the script.
  command: [process.execPath, '-e', script, '--'],
  limitMinutes,
  vitest,
});
const never = new AbortController().signal;

it('passes and fails with the exit code', async () => {
  expect((await runStep(step(''), directory, never)).tally).toMatchObject({ passed: 1, failed: 0 });
  expect((await runStep(step('process.exit(3)'), directory, never)).tally).toMatchObject({
    passed: 0,
    failed: 1,
  });
});

it('counts the tests that the report holds', async () => {
  const script = `const [file] = process.argv.filter((a) => a.startsWith('--outputFile.json=')).map((a) => a.split('=')[1]);
    require('fs').writeFileSync(file, JSON.stringify({ testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }] }));`;
  const { tally } = await runStep(step(script, 1, true), directory, never);
  expect(tally).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

it('does not take the report of an earlier run for its own', async () => {
  expect((await runStep(step('process.exit(1)', 1, true), directory, never)).tally).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});

it('fails a step that ended well only because it was told to stop', async () => {
  const script = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)";
  const result = await runStep(step(script, 0.01), directory, never);
  expect(result.tally.failed).toBe(1);
  expect(result.note).toMatch(/limit/);
});

it('stops what the step started, too', async () => {
  const script =
    "require('child_process').spawnSync(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])";
  const interruption = new AbortController();
  const running = runStep(step(script), directory, interruption.signal);
  setTimeout(() => interruption.abort(), 500);
  expect(await running).toMatchObject({ note: 'interrupted', tally: { failed: 1 } });
});

it('says so where the program is not there', async () => {
  const result = await runStep({ ...step(''), command: ['no-such-program'] }, directory, never);
  expect(result.tally.failed).toBe(1);
  expect(result.note).toMatch(/no-such-program/);
});
