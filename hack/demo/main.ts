import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startDemo, stopDemo } from './demo.ts';
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

async function up(): Promise<void> {
  const interruption = interrupted();
  if (values.detach) {
    const { environment } = await startDemo({ directory, detached: true });
    process.stdout.write(demoReport(environment, directory, false));
    // A listener for signals must not keep the process.
    process.exit(0);
  }
  try {
    const outcome = await Promise.race([startDemo({ directory }), interruption]);
    if (outcome === undefined) return;
    process.stdout.write(demoReport(outcome.environment, directory, true));
    // Waiting for a signal alone keeps no process alive.
    const keepAlive = setInterval(() => undefined, 60_000);
    await interruption;
    clearInterval(keepAlive);
  } finally {
    process.stderr.write('==> taking everything down\n');
    await stopDemo(directory);
  }
}

try {
  if (positionals[0] === 'up') await up();
  else if (positionals[0] === 'down') await stopDemo(directory);
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
