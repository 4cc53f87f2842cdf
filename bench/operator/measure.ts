import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../hack/cluster/progress.ts';
import { S3PROXY } from '../../operator/src/api/s3proxy.ts';
import { DEPLOYMENT } from '../../operator/src/kube/resource-kind.ts';
import { cpuSecondsOf, peakRssOf, resetPeakRss } from '../race/process-tree.ts';
import { type Arena, EDITORS, forEachAtATime, waitFor } from './arena.ts';
import { callsBetween } from './call-counts.ts';
import type { Contender, Started, Surroundings } from './contender.ts';
import type { Figure, Phase } from './figures.ts';
import { type Observer, observe } from './observer.ts';
import { CHILDREN, EDITED_REPLICAS, NAMESPACE, s3proxyManifest, WARM_UP_NAMESPACE } from './s3proxies.ts';
import type { Watches } from './watches.ts';

/** S3Proxies made beforehand, which are not counted. */
const WARM_UP = 100;
/** A phase is over when nothing was written for this long. Milliseconds. */
const QUIET_MS = 2_000;
const PATIENCE_MS = 900_000;

/** Takes one system through all phases on an API server of its own. */
export async function measure(
  contender: Contender,
  arena: Arena,
  watches: Watches,
  { processors, concurrency }: Pick<Surroundings, 'processors' | 'concurrency'>,
  { objects, restSeconds }: { objects: number; restSeconds: number },
): Promise<Figure[]> {
  const { kubeconfig, logs } = arena;
  const started = await contender.start({ kubeconfig, logs, processors, concurrency });
  const observer = observe(watches, NAMESPACE);
  const uids = new Map<string, string>();
  try {
    await warmUp(arena, watches, started);
    return [
      await phase('create', async () => {
        await createS3Proxies(arena, started, NAMESPACE, objects, uids);
        await waitReady(started, observer, objects);
        await until(started, 'every child', () => allChildrenExist(arena, objects));
      }),
      await phase('rest', () => sleep(restSeconds * 1_000)),
      await phase('drift', async () => {
        const edited = await editDeployments(arena, started, uids);
        await until(started, 'every Deployment to be restored', () => observer.areRestored(edited));
        await waitReady(started, observer, objects);
      }),
    ];
  } finally {
    await started.running.stop();
  }

  /** Runs a phase, and waits until all that follows from it is written: that counts too, but for the time. */
  async function phase(name: Phase, run: () => Promise<void>): Promise<Figure> {
    const { pid } = started.running;
    resetPeakRss(pid);
    const calls = await arena.calls();
    const cpu = cpuSecondsOf(pid);
    const begun = performance.now();
    await run();
    const ended = performance.now();
    if (name !== 'rest') await untilQuiet(arena);
    throwIfEnded(started.running);
    if (observer.ready !== objects)
      throw new Error(`${objects - observer.ready} S3Proxies are not ready any more`);
    const { writes, reads } = callsBetween(calls, await arena.calls());
    const figure: Figure = {
      system: contender.name,
      objects,
      phase: name,
      // One that was not ready for a while after the rest was: a drift that the status told of late.
      seconds: (Math.max(ended, observer.lastReadyAt) - begun) / 1_000,
      apiWrites: writes,
      apiReads: reads,
      cpuSeconds: cpuSecondsOf(pid) - cpu,
      peakRssBytes: peakRssOf(pid),
    };
    say(describe(figure));
    return figure;
  }
}

function describe({ system, objects, phase, seconds, apiWrites, cpuSeconds, peakRssBytes }: Figure): string {
  const cost = `${apiWrites} writes, ${cpuSeconds.toFixed(1)} s of processor time, ${(peakRssBytes / 1e6).toFixed(0)} MB`;
  return `${system}, ${objects} objects, ${phase}: ${seconds.toFixed(1)} s, ${cost}`;
}

async function warmUp(arena: Arena, watches: Watches, started: Started): Promise<void> {
  const observer = observe(watches, WARM_UP_NAMESPACE);
  await createS3Proxies(arena, started, WARM_UP_NAMESPACE, WARM_UP, new Map());
  await waitReady(started, observer, WARM_UP);
  await untilQuiet(arena);
}

async function createS3Proxies(
  { client }: Arena,
  { tell }: Started,
  namespace: string,
  objects: number,
  uids: Map<string, string>,
): Promise<void> {
  const indexes = Array.from({ length: objects }, (_, index) => index);
  await forEachAtATime(indexes, EDITORS, async (index) => {
    const { metadata } = await client.create(S3PROXY, s3proxyManifest(namespace, index), {
      metadataOnly: true,
    });
    const { name, uid = '' } = metadata;
    uids.set(name, uid);
    tell?.({ what: 'created', namespace, name, uid });
  });
}

/** Scales every Deployment, as somebody with kubectl would. @returns the generation that each has by that */
async function editDeployments(
  { client }: Arena,
  { tell }: Started,
  uids: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
  const edited = new Map<string, number>();
  const body = { spec: { replicas: EDITED_REPLICAS } };
  await forEachAtATime(uids, EDITORS, async ([name, uid]) => {
    const options = { fieldManager: 'kubectl-edit', metadataOnly: true };
    const { metadata } = await client.patch(DEPLOYMENT, { name, namespace: NAMESPACE }, body, options);
    edited.set(name, metadata.generation ?? 0);
    tell?.({ what: 'edited', namespace: NAMESPACE, name, uid });
  });
  return edited;
}

/** Waits for something that the system is to do. @throws Error as soon as it has ended */
async function until(
  { running }: Started,
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  await waitFor(what, PATIENCE_MS, () => running.ended() !== undefined || condition());
  throwIfEnded(running);
}

function throwIfEnded(running: Started['running']): void {
  const end = running.ended();
  if (end !== undefined) throw new Error(end);
}

async function waitReady(started: Started, observer: Observer, objects: number): Promise<void> {
  await until(started, 'every S3Proxy to be ready', () => observer.ready === objects);
}

async function allChildrenExist(arena: Arena, objects: number): Promise<boolean> {
  for (const { prefix, each } of CHILDREN) {
    if ((await arena.count(prefix)) < each * objects) return false;
  }
  return true;
}

/** Waits until the system wrote nothing for a while. */
async function untilQuiet(arena: Arena): Promise<void> {
  for (let before = await arena.calls(); ; ) {
    await sleep(QUIET_MS);
    const now = await arena.calls();
    if (now.writes === before.writes) return;
    before = now;
  }
}
