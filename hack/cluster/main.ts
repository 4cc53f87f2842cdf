import { parseArgs } from 'node:util';
import { binaries } from './binaries/binary.ts';
import { TOOLS, type ToolName } from './binaries/tools.ts';
import { type Cluster, openCluster, startCluster, stopCluster } from './cluster.ts';
import { say } from './progress.ts';

const USAGE = `usage: node hack/cluster/main.ts COMMAND [--directory DIR]

  up [--detach]      start a cluster whose data is kept in DIR (default .cluster), and keep it up until interrupted;
                     with --detach, return as soon as it is ready
  stop               end it as a power failure would, keeping its data; "up" starts it again
  down               end it, running or not, and remove all that is left of it, its data too
  status             say whether it runs, and how to reach it
  binaries [NAME …]  fetch or build the programs it is made of, and print their paths
`;

const { values, positionals } = parseArguments();
const { directory, detach } = values;

function parseArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        directory: { type: 'string', default: '.cluster' },
        detach: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(undefined));
  });
}

function description({ kubeconfig, address, s3 }: Cluster): string {
  return [
    `KUBECONFIG=${kubeconfig}`,
    `INGRESS_ADDRESS=${address}`,
    `AWS_ENDPOINT_URL=${s3.endpoint}`,
    `AWS_REGION=${s3.region}`,
    `AWS_ACCESS_KEY_ID=${s3.accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey}`,
    '',
  ].join('\n');
}

async function up(): Promise<void> {
  const running = await openCluster(directory);
  if (running !== undefined || detach) {
    if (running !== undefined) say('it is running already');
    process.stdout.write(description(running ?? (await startCluster({ directory, detached: true }))));
    return;
  }
  const interrupted = interruption();
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    const cluster = await Promise.race([startCluster({ directory }), interrupted]);
    if (cluster === undefined) return;
    process.stdout.write(description(cluster));
    say('press Ctrl-C to stop it; its data is kept');
    await interrupted;
  } finally {
    clearInterval(keepAlive);
    say('stopping');
    await stopCluster(directory);
  }
}

async function status(): Promise<void> {
  const cluster = await openCluster(directory);
  process.stdout.write(cluster === undefined ? 'not running\n' : `running\n${description(cluster)}`);
  if (cluster === undefined) process.exitCode = 1;
}

async function printBinaries(names: readonly string[]): Promise<void> {
  const known = Object.keys(TOOLS) as ToolName[];
  const unknown = names.filter((name) => !known.some((each) => each === name));
  if (unknown.length > 0) {
    throw new Error(`no such program: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  }
  const wanted = names.length === 0 ? known : known.filter((name) => names.includes(name));
  for (const [name, path] of Object.entries(await binaries(...wanted)))
    process.stdout.write(`${name} ${path}\n`);
}

async function run([name, ...rest]: readonly string[]): Promise<void> {
  if (name === 'binaries') return printBinaries(rest);
  if (rest.length > 0) throw new Error(`"${name}" takes no argument "${rest[0]}"`);
  if (name === 'up') return up();
  if (name === 'stop') return stopCluster(directory);
  if (name === 'down') return stopCluster(directory, { purge: true });
  if (name === 'status') return status();
  process.stderr.write(USAGE);
  process.exitCode = 2;
}

try {
  await run(positionals);
} catch (error) {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    process.stderr.write(`error: ${each.message}\n`);
  }
  process.exitCode = 1;
}
// A start that was interrupted is still under way: what it started ends with this process.
process.exit();
