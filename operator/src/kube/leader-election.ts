import { jittered } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isApiError } from './errors.ts';
import { heldForMs, type Lease, type Observation, observe } from './lease.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { microTime } from './micro-time.ts';
import { LEASE } from './resource-kind.ts';

export interface LeaderElectionOptions {
  /** Best one with a connection of its own: renewals must not queue behind other calls. */
  client: KubeClient;
  /** Of the Lease. */
  namespace: string;
  name: string;
  /** Unique to this process, such as the pod's name and a random suffix. */
  identity: string;
  /** Default 15,000: others may take over this long after the last renewal they saw. */
  leaseDurationMs?: number | undefined;
  /** Default 10,000: leadership is given up when no renewal succeeded for this long. Less than leaseDurationMs. */
  renewDeadlineMs?: number | undefined;
  /** Default 2,000: between attempts, ± 10 %. */
  retryPeriodMs?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
  metrics?: RuntimeMetrics | undefined;
}

/** `released`: stopped on request, after `lead` ended and the Lease was given back. `lost`: exit the process. */
export type LeadershipEnd = 'released' | 'lost';

export interface Leadership {
  /** Aborts when stopped or when leadership is lost. */
  readonly signal: AbortSignal;
  /**
   * Whether the Lease is ours beyond doubt at this instant, by the clock and not by a timer that may be late: false after the process was
   * frozen for longer than the renew deadline.
   */
  isHeld(): boolean;
}

/**
 * Waits for the Lease, then calls `lead`. When `stop` aborts, the Lease is renewed until `lead` settles and then released, so
 * that the next leader need not wait it out. Rejects only with what `lead` rejects with, after releasing.
 */
export async function runAsLeader(
  options: LeaderElectionOptions,
  lead: (leadership: Leadership) => Promise<void>,
  stop: AbortSignal,
): Promise<LeadershipEnd> {
  const { client, namespace, name, identity } = options;
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  const { clock = systemClock, random = Math.random, logger = silentLogger, metrics } = options;
  if (!(retryPeriodMs < renewDeadlineMs && renewDeadlineMs < leaseDurationMs)) {
    throw new RangeError('leader election needs retryPeriodMs < renewDeadlineMs < leaseDurationMs');
  }
  const log = { lease: `${namespace}/${name}`, identity };
  let observation: Observation | undefined;
  let held: Lease | undefined;
  /** When the last successful renewal was begun: the server cannot have dated it earlier. */
  let renewedAt = Number.NEGATIVE_INFINITY;

  function spec(before: Lease | undefined): NonNullable<Lease['spec']> {
    const now = microTime(clock.now());
    const mine = before?.spec?.holderIdentity === identity;
    return {
      ...before?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime: mine ? (before.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (before === undefined || mine ? 0 : 1),
    };
  }

  /** One attempt to acquire or renew. False when another holds the Lease or wins the race for it. */
  async function attempt(): Promise<boolean> {
    const began = clock.elapsed();
    const call = { timeoutMs: renewDeadlineMs / 2 };
    const current = held ?? (await client.find<Lease>(LEASE, { namespace, name }, call));
    try {
      if (current === undefined) {
        const metadata = { namespace, name };
        const lease = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata,
          spec: spec(undefined),
        };
        held = await client.create<Lease>(LEASE, lease, call);
      } else {
        observation = observe(current, observation, clock.elapsed(), leaseDurationMs);
        if (observation.holder !== identity && heldForMs(observation, clock.elapsed()) > 0) return false;
        held = await client.replace<Lease>(LEASE, { ...current, spec: spec(current) } as Lease, call);
      }
    } catch (error) {
      held = undefined; // Read it again: whether our write arrived is unknown.
      if (isApiError(error, 'Conflict', 'AlreadyExists', 'NotFound')) return false;
      throw error;
    }
    renewedAt = began;
    return true;
  }

  async function tryAttempt(): Promise<boolean> {
    try {
      return await attempt();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      logger.warn({ ...log, error: message }, 'cannot reach the leader election Lease');
      return false;
    }
  }

  async function release(): Promise<void> {
    const current = held;
    if (current === undefined) return;
    const now = microTime(clock.now());
    const freed: Lease = {
      ...current,
      spec: {
        ...current.spec,
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: now,
        acquireTime: now,
      },
    };
    try {
      await client.replace(LEASE, freed, { timeoutMs: retryPeriodMs });
      logger.info(log, 'released the Lease');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      logger.warn({ ...log, error: message }, 'could not release the Lease; it will run out');
    }
  }

  metrics?.leader.set({ name }, 0);
  if (stop.aborted) return 'released';
  while (!(await tryAttempt())) {
    const free = observation === undefined ? retryPeriodMs : heldForMs(observation, clock.elapsed());
    const retry = jittered(retryPeriodMs, 0.1, random);
    // Be there at the moment it runs out.
    await sleep(clock, free > 0 ? Math.min(free, retry) : retry, stop);
    if (stop.aborted) return 'released';
  }
  logger.info(log, 'leading');
  metrics?.leader.set({ name }, 1);

  const lost = new AbortController();
  const over = new AbortController();
  const isHeld = () => !lost.signal.aborted && clock.elapsed() - renewedAt < renewDeadlineMs;
  const work = lead({ signal: AbortSignal.any([stop, lost.signal]), isHeld }).finally(() => over.abort());
  // Renewal goes on while `lead` winds down; a failure of `lead` is for the caller, below.
  work.catch(() => undefined);

  // The deadline has a timer of its own: an attempt that hangs must not delay it.
  let cancelDeadline = () => {};
  const lose = () => {
    cancelDeadline();
    logger.error(log, 'lost the Lease');
    lost.abort(new Error('leadership lost'));
  };
  const armDeadline = () => {
    cancelDeadline();
    cancelDeadline = clock.schedule(renewDeadlineMs - (clock.elapsed() - renewedAt), lose);
  };
  armDeadline();
  const ended = AbortSignal.any([over.signal, lost.signal]);
  while (!ended.aborted) {
    await sleep(clock, jittered(retryPeriodMs, 0.1, random), ended);
    if (ended.aborted) break;
    if (await tryAttempt()) {
      if (!ended.aborted) armDeadline();
    } else if (observation !== undefined && observation.holder !== identity && held === undefined) {
      lose(); // Somebody else has it.
    }
  }
  cancelDeadline();
  metrics?.leader.set({ name }, 0);
  if (lost.signal.aborted) return 'lost';
  await release();
  await work;
  return 'released';
}
