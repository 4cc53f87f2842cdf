import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { binaries } from '../hack/cluster/binaries/binary.ts';
import { say } from '../hack/cluster/progress.ts';
import { makeBundle } from '../hack/make-bundle.ts';
import { exitOnSignals } from './exit-on-signals.ts';
import { startArena } from './operator/arena.ts';
import { formatVerdict, judge } from './operator/bars.ts';
import type { Contender } from './operator/contender.ts';
import type { Figure } from './operator/figures.ts';
import { measure } from './operator/measure.ts';
import { mergeFigures } from './operator/merge.ts';
import { type Options, readOptions, USAGE } from './operator/options.ts';
import { runOnKwok } from './operator/rollout/kwok.ts';
import { simulateRollout } from './operator/rollout/simulated.ts';
import { buildControllerRuntime, controllerRuntime } from './operator/systems/controller-runtime.ts';
import { limit } from './operator/systems/limit.ts';
import { ours } from './operator/systems/ours.ts';
import { formatTables } from './operator/table.ts';
import { startWatches } from './operator/watches.ts';

// npm run bench:operator: measures the operator beside others. Exit code 1 when a required figure falls short.

const REPOSITORY = resolve(import.meta.dirname, '..');

async function main(options: Options): Promise<boolean> {
  await binaries('etcd', 'kube-apiserver');
  const contenders = await contendersOf(options);
  const figures: Figure[] = [];
  for (const objects of options.objects) {
    for (const contender of contenders) {
      say(`${contender.name}, ${objects} objects: starting`);
      figures.push(...(await measureAlone(contender, objects, options)));
    }
  }
  return await report(figures, options.output);
}

/** Measures one system on an API server of its own, so that nobody finds what another left. */
async function measureAlone(contender: Contender, objects: number, options: Options): Promise<Figure[]> {
  const arena = await startArena();
  const watches = await startWatches(arena.client);
  try {
    const rollout =
      options.rollout === 'kwok' ? await runOnKwok(arena) : simulateRollout(arena.client, watches);
    try {
      return await measure(contender, arena, watches, options, {
        objects,
        restSeconds: options.restSeconds,
      });
    } finally {
      await rollout.stop();
    }
  } finally {
    await watches.stop();
    await arena.stop();
  }
}

async function contendersOf({ systems, profile }: Options): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const system of systems) {
    if (system === 'limit') contenders.push(limit);
    if (system === 'controller-runtime') contenders.push(controllerRuntime(await buildControllerRuntime()));
    if (system === 'ours') {
      contenders.push(
        ours(await makeBundle('operator'), profile === undefined ? undefined : resolve(profile)),
      );
    }
  }
  return contenders;
}

/**
 * Prints and writes what came out. What the file holds of other systems and numbers of objects stays, and is judged along: so a long
 * measurement can be made in parts.
 * @returns whether everything required is met
 */
async function report(measured: readonly Figure[], output: string | undefined): Promise<boolean> {
  const file = output === undefined ? undefined : resolve(REPOSITORY, output);
  const figures = mergeFigures(file === undefined ? [] : await readFigures(file), measured);
  console.log(formatTables(figures));
  const verdicts = judge(figures);
  for (const verdict of verdicts) console.log(formatVerdict(verdict));
  if (file !== undefined) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(figures, undefined, 2)}\n`);
    say(`written: ${file}`);
  }
  return verdicts.every(({ met }) => met);
}

async function readFigures(file: string): Promise<Figure[]> {
  return readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Figure[],
    () => [],
  );
}

exitOnSignals();
try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else process.exitCode = (await main(options)) ? 0 : 1;
} catch (error) {
  for (let each: unknown = error; each instanceof Error; each = each.cause) console.error(each.message);
  process.exitCode = 2;
}
