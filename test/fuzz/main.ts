import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBundle } from '../../hack/make-bundle.ts';
import { type FrontReport, runCampaign } from './campaign.ts';

const USAGE = `Usage: node test/fuzz/main.ts [options]

Sends hostile requests to the proxy and looks at every answer: no crash, no 5xx that the store did not cause, nothing of the store's, framing without doubt.

  --requests N   about so many (10,000,000)
  --seconds N    or as many as can be sent in this time (900)
  --seed N       the same seed makes the same requests (1)
  --workers N    processes of the proxy that serve; 0 for one per core (0)
`;

const RESULT = join(import.meta.dirname, '../../.cache/test/fuzz.json');

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    requests: { type: 'string', default: '10000000' },
    seconds: { type: 'string', default: '900' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '0' },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

function number(name: 'requests' | 'seconds' | 'seed' | 'workers', least: number): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name}: give a whole number from ${least} on`);
  return value;
}

async function main(): Promise<number> {
  const seed = number('seed', 1);
  await makeBundle('proxy');
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-fuzz-'));
  // The programs end with this process, whatever ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
  try {
    const reports = await runCampaign({
      requests: number('requests', 1),
      seconds: number('seconds', 1),
      seed,
      workers: number('workers', 0),
      directory,
      onProgress: ({ name }, { answered, seconds: passed, faults }) =>
        console.log(`${name}: ${count(answered)} answers in ${passed.toFixed(0)} s, ${faults.length} faults`),
    });
    await mkdir(join(RESULT, '..'), { recursive: true });
    await writeFile(RESULT, `${JSON.stringify({ seed, reports }, undefined, 2)}\n`);
    for (const report of reports) print(report);
    const answered = reports.reduce((sum, report) => sum + report.answered, 0);
    const failed = reports.some(({ faults, complaints }) => faults.length + complaints.length > 0);
    console.log(
      `\n${count(answered)} requests answered: ${failed ? 'FAILED' : 'nothing found'}. All of it is in ${RESULT}`,
    );
    return failed ? 1 : 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function print(report: FrontReport): void {
  const {
    name,
    answered,
    unanswered,
    connections,
    seconds,
    statuses,
    rssBefore,
    rssAfter,
    faults,
    complaints,
  } = report;
  console.log(`\n${name}
  ${count(answered)} answered, ${count(unanswered)} not, ${count(connections)} connections, ${count(answered / seconds)} a second
  statuses: ${Object.entries(statuses)
    .map(([status, times]) => `${status} × ${count(times)}`)
    .join(', ')}
  memory: ${(rssBefore / 1e6).toFixed(0)} → ${(rssAfter / 1e6).toFixed(0)} MB`);
  for (const complaint of complaints) console.log(`  ${complaint}`);
  for (const { what, request, answer } of faults)
    console.log(
      `  ${what}\n    asked: ${JSON.stringify(request.slice(0, 1_500))}\n    answer: ${JSON.stringify(answer.slice(0, 600))}`,
    );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
