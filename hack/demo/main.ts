import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { binary } from '../cluster/binaries/binary.ts';
import { isOnPath } from '../cluster/command.ts';
import { isBorrowed, startBorrowedDemo, stopBorrowedDemo } from './borrowed-cluster.ts';
import { startDemo, stopDemo } from './demo.ts';
import type { DemoEnvironment } from './environment-file.ts';
import { demoReport } from './report.ts';

const USAGE = `usage: node hack/demo/main.ts up [--detach] [--context NAME] [--directory DIR]
       node hack/demo/main.ts down [--context NAME] [--directory DIR]
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    detach: { type: 'boolean', default: false },
    context: { type: 'string' },
    directory: { type: 'string', default: '.demo' },
  },
});
const directory = resolve(values.directory);

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

async function start(): Promise<DemoEnvironment> {
  const { context, detach } = values;
  if (context !== undefined) return startBorrowedDemo({ context, directory, environment: process.env });
  return (await startDemo({ directory, detached: detach })).environment;
}

async function down(): Promise<void> {
  if (isBorrowed(directory)) return stopBorrowedDemo(directory);
  if (values.context === undefined) return stopDemo(directory);
}

async function report(environment: DemoEnvironment, foreground: boolean): Promise<void> {
  const kubectl = (await isOnPath('kubectl')) ? 'kubectl' : await binary('kubectl');
  process.stdout.write(demoReport(environment, { directory, kubectl, foreground }));
}

async function up(): Promise<void> {
  if (values.detach) return report(await start(), false);
  const interruption = interrupted();
  try {
    const environment = await Promise.race([start(), interruption]);
    if (environment === undefined) return;
    await report(environment, true);
    // Waiting for a signal alone keeps no process alive.
    const keepAlive = setInterval(() => undefined, 60_000);
    await interruption;
    clearInterval(keepAlive);
  } finally {
    process.stderr.write('==> taking everything down\n');
    await down();
  }
}

try {
  if (positionals[0] === 'up') await up();
  else if (positionals[0] === 'down') await down();
  else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
} catch (error) {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    process.stderr.write(`error: ${each.message}\n`);
  }
  process.exitCode = 1;
}
process.exit();
