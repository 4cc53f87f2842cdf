import { isDeepStrictEqual } from 'node:util';
import { S3PROXY, type S3Proxy } from '../../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../../operator/src/kube/client.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import { NAMESPACE, type ResourceKind, SECRET, SERVICE } from '../../../operator/src/kube/resource-kind.ts';
import { MANAGED_BY_LABEL, MANAGED_BY_VALUE } from '../../../operator/src/resources/labels.ts';
import { type Action, type Cycle, NAME } from './cycles.ts';
import { type EndState, endState } from './end-state.ts';
import { brokenInvariants } from './invariants.ts';
import type { Moment, Observer } from './observer.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import type { Random } from './random.ts';
import { type WeatherName, weatherOf } from './weather.ts';
import type { Fate, Write } from './wire.ts';
import type { World } from './world.ts';

/** What hits the operator at one of its writes. All but the last two end it. */
export const FAULTS = [
  'killed before',
  'killed after',
  'killed, arrives late',
  'refused',
  'answer lost',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** What a run has to survive. */
export interface Disturbance {
  /** At which of the writes that follow the change, 1 for the first. */
  fault?: { name: FaultName; write: number } | undefined;
  weather: WeatherName;
  /** What the user does while no operator runs. */
  meanwhile?: 'delete' | 'replace' | undefined;
}

export const UNDISTURBED: Disturbance = { weather: 'clear' };

export interface Outcome {
  end: EndState;
  /** The operator's writes after the change. */
  writes: readonly Write[];
  /** Whether the write that was to be hit was made. */
  hit: boolean;
}

/** How long a run may take to settle: far more than it needs on a slow machine. */
const PATIENCE_MS = 60_000;
/** How long nothing may be written at rest. */
const REST_MS = 300;

/**
 * Runs a cycle in a namespace of its own, under a disturbance, until everything is at rest.
 * @param expected the state to end in; undefined for the undisturbed run, which finds it out
 * @throws Error that says what did not come, or which invariant was broken on the way
 */
export async function runCycle(
  world: World,
  namespace: string,
  cycle: Cycle,
  disturbance: Disturbance,
  random: Random,
  expected: EndState | undefined,
): Promise<Outcome> {
  const { client, observer } = world;
  const user = createUser(client, observer, namespace);
  const watched = watchNamespace(observer, namespace);
  let operator: OperatorProcess | undefined;
  try {
    await client.create(NAMESPACE, {
      apiVersion: 'v1',
      kind: NAMESPACE.kind,
      metadata: { name: namespace },
    });
    const strike = createStrike(disturbance.fault);
    const begin = (): OperatorProcess => {
      const begun = startOperator(namespace, {
        pool: world.pool,
        weather: weatherOf(disturbance.weather, random),
        fate: (write) => strike.at(write, begun),
        onLost: () => strike.lost(begun),
      });
      return begun;
    };
    operator = begin();
    for (const action of cycle.before) await user.does(action);
    await watched.settle(operator, async () => isSettled(observer, namespace));

    strike.arm(operator.wire.writes.length);
    const first = operator;
    for (const action of cycle.change) await user.does(action);
    const arrived = async (): Promise<string | undefined> => {
      if (strike.killed) return undefined;
      return expected === undefined ? hasEnded(observer, namespace, cycle) : differs(expected);
    };
    const differs = async (wanted: EndState): Promise<string | undefined> =>
      difference(wanted, await endState(namespace, observer.objects(namespace)));
    await watched.settle(operator, arrived, () => strike.killed);

    let wanted = expected;
    if (disturbance.meanwhile !== undefined || (disturbance.fault?.name.startsWith('killed') ?? false)) {
      operator.crash();
      if (disturbance.meanwhile !== undefined) {
        await user.does({ deleteS3Proxy: true });
        if (disturbance.meanwhile === 'replace') for (const action of cycle.change) await user.does(action);
        else wanted = undefined;
      }
      const successor = begin();
      operator = successor;
      if (await strike.deliver(successor)) await observer.catchUp(namespace);
      await watched.settle(successor, async () =>
        wanted === undefined ? hasGone(observer, namespace) : differs(wanted),
      );
    }
    await expectRest(operator, namespace);
    const last = await endState(namespace, observer.objects(namespace));
    const changed = wanted === undefined ? undefined : difference(wanted, last);
    if (changed !== undefined) throw new Error(`at rest, and then: ${changed}`);
    const broken = [
      ...brokenInvariants(observer.history(namespace)),
      ...operator.wire.oldReads.map((path) => `the operator may be told of the past: GET ${path}`),
    ];
    if (broken.length > 0) throw new Error(broken.join('\n'));
    return { end: last, writes: first.wire.writes.slice(strike.armedAt), hit: strike.hit };
  } catch (error) {
    const writes = operator?.wire.writes.map(({ label }) => label).join('\n  ');
    throw new Error(
      `${namespace}: ${error instanceof Error ? error.message : error}\nlast writes:\n  ${writes}`,
      {
        cause: error,
      },
    );
  } finally {
    operator?.crash();
    watched.stop();
    observer.forget(namespace);
  }
}

/** The one fault of a run. */
interface Strike {
  readonly armedAt: number;
  readonly hit: boolean;
  readonly killed: boolean;
  /** From now on writes are counted, after `writes` earlier ones. */
  arm(writes: number): void;
  at(write: Write, operator: OperatorProcess): Fate;
  lost(operator: OperatorProcess): void;
  /** Has what was under way at the kill arrive at the server, now that there is a successor. Resolves to whether there was such. */
  deliver(successor: OperatorProcess): Promise<boolean>;
}

function createStrike(fault: Disturbance['fault']): Strike {
  let armedAt = Number.POSITIVE_INFINITY;
  let hit = false;
  let killed = false;
  let victim: OperatorProcess | undefined;

  function kill(operator: OperatorProcess): void {
    killed = true;
    operator.crash();
  }

  return {
    get armedAt() {
      return armedAt;
    },
    get hit() {
      return hit;
    },
    get killed() {
      return killed;
    },
    arm(writes) {
      armedAt = writes;
    },
    at({ ordinal }, operator) {
      if (hit || fault === undefined || ordinal - armedAt !== fault.write) return 'answered';
      hit = true;
      victim = operator;
      switch (fault.name) {
        case 'killed before':
          kill(operator);
          return 'refused';
        case 'killed, arrives late':
          kill(operator);
          return 'held';
        case 'refused':
          return 'refused';
        case 'killed after':
        case 'answer lost':
          return 'lost';
      }
    },
    lost(operator) {
      if (fault?.name === 'killed after') kill(operator);
    },
    async deliver(successor) {
      if (fault?.name !== 'killed, arrives late' || victim === undefined) return false;
      while (successor.wire.writes.length === 0 && !(await successor.isIdle())) await tick();
      await victim.wire.sendHeld();
      return true;
    },
  };
}

/** Does what users do, and waits until the observer has seen it. */
function createUser(client: KubeClient, observer: Observer, namespace: string) {
  const kinds: readonly ResourceKind[] = [S3PROXY, SECRET, SERVICE];

  async function seen(
    kind: ResourceKind,
    name: string,
    isThere: (object?: KubeObject) => boolean,
  ): Promise<void> {
    while (!isThere(observer.find(kind, namespace, name))) await tick();
  }

  async function apply(object: KubeObject): Promise<void> {
    const kind = kinds.find((each) => each.kind === object.kind);
    if (kind === undefined) throw new Error(`users of the tests apply no ${object.kind}`);
    const { name } = object.metadata;
    const manifest = { ...object, metadata: { ...object.metadata, namespace } };
    const { uid, resourceVersion } = (await client.apply(kind, manifest, { fieldManager: 'user' })).metadata;
    await seen(
      kind,
      name,
      (now) =>
        now?.metadata.uid === uid &&
        BigInt(now?.metadata.resourceVersion ?? '0') >= BigInt(resourceVersion ?? '0'),
    );
  }

  async function remove(kind: ResourceKind, name: string): Promise<void> {
    const before = observer.find(kind, namespace, name)?.metadata.uid;
    await client.delete(kind, { namespace, name });
    await seen(kind, name, (now) => now?.metadata.uid !== before);
  }

  return {
    async does(action: Action): Promise<void> {
      if ('apply' in action) await apply(action.apply);
      else if ('delete' in action) await remove(action.kind, action.delete);
      else if ('deleteS3Proxy' in action) await remove(S3PROXY, NAME);
      else {
        const patch = { spec: { replicas: action.scale } };
        const { resourceVersion } = (
          await client.patch(S3PROXY, { namespace, name: NAME }, patch, { subresource: 'scale' })
        ).metadata;
        await seen(
          S3PROXY,
          NAME,
          (now) => BigInt(now?.metadata.resourceVersion ?? '0') >= BigInt(resourceVersion ?? '0'),
        );
      }
    },
  };
}

/** Which collection tells the operator of an object; undefined for one that it does not hear of. */
function streamFor({ kind, object }: Moment): string | undefined {
  const ours = object.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY_VALUE;
  if (kind === S3PROXY || ours) return kind.plural;
  return kind === SECRET ? `${SECRET.plural}, others` : undefined;
}

/** Waits for a namespace to come to rest. */
function watchNamespace(observer: Observer, namespace: string) {
  const latest = new Map<string, bigint>();
  let ring = (): void => {};
  const unsubscribe = observer.subscribe(namespace, (moment) => {
    const stream = streamFor(moment);
    if (stream !== undefined) latest.set(stream, moment.version);
    ring();
  });

  /** Whether the operator has been told of everything that happened. */
  const isUpToDate = ({ wire }: OperatorProcess): boolean =>
    [...latest].every(([stream, version]) => wire.toldUpTo(stream) >= version);

  async function unrest(
    operator: OperatorProcess,
    lacks: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    if (!(await operator.isIdle())) return 'the operator does not come to rest';
    if (!isUpToDate(operator)) return 'the operator is not told of everything';
    return (await lacks()) ?? ((await operator.isIdle()) ? undefined : 'the operator goes on');
  }

  return {
    stop: unsubscribe,
    /** Resolves when the operator knows all, has nothing to do, and `lacks` says that nothing is lacking; or when `over`. */
    async settle(
      operator: OperatorProcess,
      lacks: () => Promise<string | undefined>,
      over: () => boolean = () => false,
    ): Promise<void> {
      const deadline = performance.now() + PATIENCE_MS;
      let reason: string | undefined;
      for (;;) {
        if (over()) return;
        const woken = new Promise<void>((resolve) => {
          ring = resolve;
          operator.wire.onActivity = resolve;
        });
        reason = await unrest(operator, lacks);
        if (reason === undefined) {
          // What the operator wrote last may not have come to the observer yet, and be what sets it to work again.
          await observer.catchUp(namespace);
          reason = await unrest(operator, lacks);
          if (reason === undefined) return;
        }
        if (performance.now() > deadline) throw new Error(`waited in vain: ${reason}`);
        await Promise.race([woken, tick(50)]);
        await tick(3);
      }
    },
  };
}

async function expectRest({ wire }: OperatorProcess, namespace: string): Promise<void> {
  const before = wire.writes.length;
  await tick(REST_MS);
  const more = wire.writes.slice(before).map(({ label }) => label);
  if (more.length > 0) throw new Error(`${namespace}: written at rest: ${more.join(', ')}`);
}

function isSettled(observer: Observer, namespace: string): string | undefined {
  const s3proxy = observer.find(S3PROXY, namespace, NAME) as S3Proxy | undefined;
  if (s3proxy === undefined || s3proxy.spec.suspend === true) return undefined;
  return hasReached(s3proxy, 'Stalled') === undefined ? undefined : hasReached(s3proxy, 'Ready');
}

function hasReached(s3proxy: S3Proxy, type: 'Ready' | 'Stalled'): string | undefined {
  const found = s3proxy.status?.conditions?.find((each) => each.type === type);
  const { generation } = s3proxy.metadata;
  return found?.status === 'True' && s3proxy.status?.observedGeneration === generation
    ? undefined
    : `the S3Proxy is not ${type}: ${JSON.stringify(s3proxy.status?.conditions)}`;
}

function hasEnded(observer: Observer, namespace: string, { end }: Cycle): string | undefined {
  const s3proxy = observer.find(S3PROXY, namespace, NAME) as S3Proxy | undefined;
  if (end === 'Gone') return hasGone(observer, namespace);
  if (s3proxy === undefined) return 'there is no S3Proxy';
  return end === 'Suspended' ? undefined : hasReached(s3proxy, end);
}

function hasGone(observer: Observer, namespace: string): string | undefined {
  const left = observer
    .objects(namespace)
    .filter(({ kind, metadata }) => kind === S3PROXY.kind || metadata.ownerReferences !== undefined);
  return left.length === 0
    ? undefined
    : `left over: ${left.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')}`;
}

/** What differs, in a few lines; undefined when nothing does. */
function difference(wanted: EndState, found: EndState): string | undefined {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  const lines = names
    .filter((name) => !isDeepStrictEqual(wanted[name], found[name]))
    .map(
      (name) => `${name} is\n  ${JSON.stringify(found[name])}\ninstead of\n  ${JSON.stringify(wanted[name])}`,
    );
  return lines.length === 0 ? undefined : lines.join('\n');
}

function tick(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
