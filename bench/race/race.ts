import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from '../../hack/cluster/progress.ts';
import type { Contender, Started, Surroundings } from './contender.ts';
import { type Cell, type Figure, formatSize, type Sample } from './figures.ts';
import { type Pace, paceOf, rotate } from './plan.ts';
import { cpuSecondsOf, peakRssOf, resetPeakRss } from './process-tree.ts';
import { totalOf } from './prometheus.ts';
import { untilReady } from './running.ts';
import type { StoredObject } from './store.ts';
import { storeCpuPerRequest, summarize } from './summary.ts';
import { verify } from './verify.ts';
import { type LoadOptions, load, outcomeOf } from './wrk.ts';

export interface RaceOptions {
  cells: readonly Cell[];
  pace: Pace;
  /** Path of wrk. */
  wrk: string;
  /** Folder with an empty one for each contender's own files. */
  directory: string;
}

export interface RaceResult {
  figures: Figure[];
  /** What went wrong: a system that had to be started again, a cache that was none. */
  faults: string[];
}

/** A contender in the race, started. */
interface Runner {
  contender: Contender;
  started: Started;
  /** Size of a response's head, by object key. */
  headBytes: Map<string, number>;
}

const WARM_UP = { connections: 32, seconds: 2 } as const;
/** After a round, a small object must come within this time, or the system has hung. Milliseconds. */
const ALIVE_MS = 5_000;
const STORE_CALLS = 's3proxy_store_requests_total';
/** A cached cell may ask the store for at most this share of its requests. */
const CACHED_SHARE = 0.02;

/** Races all contenders through all cells, in rounds that alternate between them. */
export async function race(
  contenders: readonly Contender[],
  surroundings: Omit<Surroundings, 'directory'>,
  options: RaceOptions,
): Promise<RaceResult> {
  const result: RaceResult = { figures: [], faults: [] };
  const { processors, processorCount, store } = surroundings;
  const base = { wrk: options.wrk, processors, threads: processorCount };
  const runners: Runner[] = [];
  try {
    for (const contender of contenders) {
      say(`starting ${contender.name}; checking the SHA-256 of what it serves; warming up`);
      runners.push(await startRunner(contender, surroundings, options, base));
    }
    for (const cell of options.cells) {
      const object = store.objects.find(({ bytes }) => bytes === cell.objectBytes);
      if (object === undefined) throw new Error(`there is no object of ${cell.objectBytes} bytes`);
      await raceCell(cell, object);
    }
    return result;
  } finally {
    await Promise.all(runners.map(({ started }) => started.running.stop()));
  }

  async function raceCell(cell: Cell, object: StoredObject): Promise<void> {
    const { rounds, seconds } = paceOf(cell, options.pace);
    say(`${formatSize(cell.objectBytes)}, ${cell.connections} connections: ${rounds} × ${seconds} s each`);
    const samples = new Map<Runner, Sample[]>(runners.map((runner) => [runner, []]));
    const callsBefore = await Promise.all(runners.map(storeCalls));
    for (let round = 0; round < rounds; round++) {
      for (const runner of rotate(runners, round)) {
        if (runner.contender.restart !== undefined) await restart(runner);
        const { connections } = cell;
        samples.get(runner)?.push(await runRound(runner, cell, object, { ...base, connections, seconds }));
        await mustBeAlive(runner);
      }
    }
    const callsAfter = await Promise.all(runners.map(storeCalls));
    for (const [index, runner] of runners.entries()) {
      const measured = samples.get(runner) ?? [];
      const figure = summarize(runner.contender.name, cell, measured);
      result.figures.push(figure);
      const calls = (callsAfter[index] ?? 0) - (callsBefore[index] ?? 0);
      checkCaching(runner, cell, measured, runner.started.metricsUrl === undefined ? undefined : calls);
    }
  }

  async function runRound(
    runner: Runner,
    cell: Cell,
    object: StoredObject,
    how: LoadOptions,
  ): Promise<Sample> {
    const { running, urlOf } = runner.started;
    resetPeakRss(running.pid);
    const [cpu, storeCpu] = [cpuSecondsOf(running.pid), cpuSecondsOf(store.running.pid)];
    const report = await load(urlOf(object), how);
    return {
      ...outcomeOf(report, cell, runner.headBytes.get(object.key) ?? 0),
      cpuSeconds: cpuSecondsOf(running.pid) - cpu,
      storeCpuSeconds: cpuSecondsOf(store.running.pid) - storeCpu,
      peakRssBytes: peakRssOf(running.pid),
    };
  }

  async function restart(runner: Runner): Promise<void> {
    await runner.started.running.stop();
    Object.assign(runner, await startRunner(runner.contender, surroundings, options, base));
  }

  async function mustBeAlive(runner: Runner): Promise<void> {
    const [smallest] = [...store.objects].sort((a, b) => a.bytes - b.bytes);
    if (smallest === undefined || runner.contender.restart !== undefined) return;
    try {
      await verify(runner.started.urlOf(smallest), smallest, ALIVE_MS);
    } catch (error) {
      result.faults.push(
        `${runner.contender.name} had to be started again after a round: ${(error as Error).message}`,
      );
      await restart(runner);
    }
  }

  /** The proof that nobody answers from a cache who should not, and the reverse: by own metrics where there are some, else by the store's processor time. */
  function checkCaching(
    runner: Runner,
    cell: Cell,
    samples: readonly Sample[],
    calls: number | undefined,
  ): void {
    const { name, caches } = runner.contender;
    const requests = samples.reduce((total, sample) => total + sample.requests, 0);
    const cached = caches(cell.objectBytes);
    const where = `${name}, ${formatSize(cell.objectBytes)}, ${cell.connections} connections`;
    if (calls !== undefined) {
      if (cached ? calls > requests * CACHED_SHARE + 10 : calls < requests * (1 - CACHED_SHARE)) {
        result.faults.push(`${where}: ${calls} calls to the store for ${Math.round(requests)} requests`);
      }
      return;
    }
    const own = samplesOfStore(cell);
    if (own === undefined || name === 'store') return;
    const share = storeCpuPerRequest(samples) / own;
    if (cached ? share > 0.1 : share < 0.3) {
      result.faults.push(`${where}: the store spent ${share.toFixed(2)} of what a request costs it`);
    }
  }

  /** Processor time that a request costs the store when asked straight; known once it has raced in the cell. */
  function samplesOfStore(cell: Cell): number | undefined {
    return result.figures.find(
      ({ system, objectBytes, connections }) =>
        system === 'store' && objectBytes === cell.objectBytes && connections === cell.connections,
    )?.cpuSecondsPerRequest;
  }
}

async function startRunner(
  contender: Contender,
  surroundings: Omit<Surroundings, 'directory'>,
  options: RaceOptions,
  base: Omit<LoadOptions, 'connections' | 'seconds'>,
): Promise<Runner> {
  const directory = join(options.directory, contender.name);
  await mkdir(directory, { recursive: true });
  const { objects } = surroundings.store;
  const started = await contender.start({ ...surroundings, directory });
  const { running, urlOf } = started;
  const [first] = objects;
  if (first === undefined) throw new Error('the store has no object');
  const headBytes = new Map<string, number>();
  try {
    await untilReady(running, contender.name, () => verify(urlOf(first), first).then(() => true));
    for (const object of objects) headBytes.set(object.key, await verify(urlOf(object), object));
    await load(urlOf(first), { ...base, ...WARM_UP });
  } catch (error) {
    await running.stop();
    throw new Error(`${contender.name} cannot race: ${(error as Error).message}`, { cause: error });
  }
  return { contender, started, headBytes };
}

async function storeCalls({ started: { metricsUrl } }: Runner): Promise<number> {
  if (metricsUrl === undefined) return 0;
  const response = await fetch(metricsUrl);
  return totalOf(await response.text(), STORE_CALLS);
}
