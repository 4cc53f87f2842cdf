import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { say } from '../hack/cluster/progress.ts';
import { makeBundle } from '../hack/make-bundle.ts';
import { exitOnSignals } from './exit-on-signals.ts';
import { formatVerdict, judge } from './race/bars.ts';
import { drawChart } from './race/chart.ts';
import type { Contender } from './race/contender.ts';
import { EXTRA_SYSTEMS, type Figure, SYSTEMS, type SystemName } from './race/figures.ts';
import { type Options, readOptions, USAGE } from './race/options.ts';
import { cells } from './race/plan.ts';
import { race } from './race/race.ts';
import { startStore } from './race/store.ts';
import { envoy } from './race/systems/envoy.ts';
import { nginx, nginxCache, nginxSigning } from './race/systems/nginx.ts';
import { npmS3Proxy } from './race/systems/npm-s3proxy.ts';
import { hasCache, ours } from './race/systems/ours.ts';
import { rclone } from './race/systems/rclone.ts';
import { store } from './race/systems/store.ts';
import { formatTables } from './race/table.ts';
import { type ExtraTools, prepareExtraTools, prepareTools, type Tools } from './race/tools.ts';

// npm run bench: races the proxy against others. Exit code 1 when a required ratio falls short or a measurement cannot be trusted.

const REPOSITORY = resolve(import.meta.dirname, '..');

const NOTES = `Every system runs on the same processors as the store and the load, with authentication and access logs off.
nginx and nginx-cache get presigned URLs: they sign nothing and check nothing, which flatters them.
npm-s3proxy is started anew before each round: ${npmS3Proxy.restart}.
`;

async function main(options: Options): Promise<boolean> {
  const tools = await prepareTools();
  const extra = options.systems.some(isExtra) ? await prepareExtraTools() : undefined;
  const contenders = await contendersOf(options, tools, extra);
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const logs = join(directory, 'logs');
  await mkdir(logs);
  const { processors, processorCount, objectSizes, connections } = options;
  const running = await startStore(tools.versitygw, objectSizes, { directory, logs, processors });
  try {
    const { figures, faults } = await race(
      contenders,
      { store: running, logs, processors, processorCount },
      { cells: cells(objectSizes, connections), pace: options.pace, wrk: tools.wrk, directory },
    );
    return await report(figures, faults, options.output);
  } finally {
    await running.running.stop();
  }
}

async function contendersOf(
  options: Options,
  tools: Tools,
  extra: ExtraTools | undefined,
): Promise<Contender[]> {
  const bundle = options.bundle === undefined ? await makeBundle('proxy') : resolve(options.bundle);
  const all = [
    store,
    ours('ours', bundle),
    ours('ours-cached', bundle),
    rclone(tools.rclone),
    npmS3Proxy,
    nginx(tools.nginx),
    nginxCache(tools.nginx),
    ...(extra === undefined ? [] : [nginxSigning(tools.nginx, extra.nginxModules), envoy(extra.envoy)]),
  ];
  return all.filter(({ name }) => {
    if (!options.systems.includes(name)) return false;
    if (name !== 'ours-cached' || hasCache()) return true;
    say('ours-cached is left out: the proxy has no cache yet');
    return false;
  });
}

/** Prints and writes what came out. @returns whether everything required is met */
async function report(
  figures: readonly Figure[],
  faults: readonly string[],
  output: string | undefined,
): Promise<boolean> {
  console.log(`${formatTables(figures)}\n${NOTES}`);
  const verdicts = judge(figures);
  for (const verdict of verdicts) console.log(formatVerdict(verdict));
  for (const fault of faults) console.log(`not as it should be  ${fault}`);
  if (output !== undefined) await writeResults(figures, resolve(REPOSITORY, output));
  return faults.length === 0 && verdicts.every(({ met, required }) => met || !required);
}

async function writeResults(figures: readonly Figure[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = (rows: readonly Figure[]): string => `${JSON.stringify(rows, undefined, 2)}\n`;
  await writeFile(join(folder, 'proxy.json'), json(figures.filter(({ system }) => !isExtra(system))));
  const further = figures.filter(({ system }) => isExtra(system));
  if (further.length > 0) await writeFile(join(folder, 'proxy-extras.json'), json(further));
  await writeFile(join(folder, 'proxy.svg'), drawChart(figures));
  say(`written: ${join(folder, 'proxy.json')} and proxy.svg`);
}

function isExtra(name: SystemName): boolean {
  return !SYSTEMS.some((known) => known === name) && EXTRA_SYSTEMS.some((known) => known === name);
}

exitOnSignals();
try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else process.exitCode = (await main(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
