import { randomBytes } from 'node:crypto';
import type { KubeClient } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isApiError } from './errors.ts';
import { createSeriesMemory, type Series } from './event-series.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { microTime } from './micro-time.ts';
import { type KubeObject, keyOf, type ObjectRef } from './objects.ts';
import { EVENT } from './resource-kind.ts';
import { createTokenBuckets } from './token-buckets.ts';

export interface EventDetails {
  type: 'Normal' | 'Warning';
  /** Why, in CamelCase, such as `SecretMissing`. */
  reason: string;
  /** What was done or tried, in CamelCase, such as `CreateChildren`. */
  action: string;
  /** For people; cut at 1 kB. Nothing secret. */
  note: string;
  related?: KubeObject | undefined;
}

/** Tells users about an object by events.k8s.io/v1. Never throws and never blocks: events are best effort. */
export interface EventRecorder {
  /** The same event again (object, type, reason, action, note) within the window is counted, not told anew. */
  event(regarding: KubeObject, details: EventDetails): void;
  /** Resolves when all events given so far are written or given up, at the latest after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  /** Stops writing; events given later are dropped. */
  close(): void;
}

export interface EventRecorderOptions {
  client: KubeClient;
  /** Name of the controller, such as `s3proxy.dev/operator`. */
  reportingController: string;
  /** Name of this process, such as the pod's name. */
  reportingInstance: string;
  /** Default 10 minutes. */
  windowMs?: number | undefined;
  /** Whether there is more important work than events: while it says so they only trickle. Default never. */
  isBusy?: (() => boolean) | undefined;
  clock?: Clock | undefined;
  logger?: Logger | undefined;
  metrics?: RuntimeMetrics | undefined;
}

const MAX_NOTE_BYTES = 1024;
const MAX_NAME_LENGTH = 253;
/** Events waiting to be written, of 2 kB or so each; more are dropped. */
const MAX_WAITING = 10_000;
/** Events whose repetition is counted, and objects whose number of events is limited: no fewer than those that wait and are being written. */
const MAX_REMEMBERED = MAX_WAITING + 100;
/** Events written at a time. */
const WRITERS = 4;
/** While there is more important work, one event is written each so often: late is better than never. */
const BUSY_REST_MS = 250;
/** A series' count is written this often at most. */
const SERIES_REST_MS = 300_000;
/** New events about one object: so many at once, then one each five minutes, as client-go allows. */
const PER_OBJECT = { burst: 25, refillMs: 300_000 };

/** Cuts at a character's boundary so that the UTF-8 form fits. */
export function cutNote(note: string): string {
  const bytes = Buffer.from(note, 'utf8');
  if (bytes.length <= MAX_NOTE_BYTES) return note;
  let end = MAX_NOTE_BYTES - 3; // Room for the ellipsis.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}

function objectReference(object: KubeObject) {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion };
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, reportingController, reportingInstance, windowMs = 600_000 } = options;
  const { isBusy = () => false } = options;
  const { clock = systemClock, logger = silentLogger, metrics } = options;
  const memory = createSeriesMemory({ clock, windowMs, maxSeries: MAX_REMEMBERED });
  const allowance = createTokenBuckets({ clock, ...PER_OBJECT, maxBuckets: MAX_REMEMBERED });
  const waiting: (() => Promise<void>)[] = [];
  const closed = new AbortController();
  let writing = 0;
  let flushing = false;
  /** Ends the rests between events that trickle. */
  let rest = new AbortController();
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  function later(write: () => Promise<void>): boolean {
    if (closed.signal.aborted || waiting.length >= MAX_WAITING) return false;
    if (writing === 0 && waiting.length === 0) idle = Promise.withResolvers();
    waiting.push(write);
    engageWriters();
    return true;
  }

  const mustTrickle = (): boolean => !flushing && isBusy();

  function engageWriters(): void {
    const wanted = Math.min(waiting.length, mustTrickle() ? 1 : WRITERS);
    while (writing < wanted) void drain();
  }

  async function drain(): Promise<void> {
    writing++;
    for (let write = waiting.shift(); write !== undefined; write = waiting.shift()) {
      try {
        await write();
      } catch (error) {
        if (closed.signal.aborted) continue;
        logger.debug({ error: error instanceof Error ? error.message : error }, 'an event was not written');
      }
      if (mustTrickle()) {
        if (writing > 1) break;
        await sleep(clock, BUSY_REST_MS, rest.signal);
      }
      engageWriters();
    }
    writing--;
    if (writing === 0) idle.resolve();
  }

  async function create(series: Series, event: KubeObject, type: string): Promise<void> {
    try {
      await client.create(EVENT, event, { signal: closed.signal });
      series.created = true;
      metrics?.events.inc({ type, outcome: 'written' });
    } catch (error) {
      memory.forget(series.identity);
      metrics?.events.inc({ type, outcome: 'dropped' });
      throw error;
    }
  }

  async function writeCount(series: Series): Promise<void> {
    const { count } = series;
    series.writtenCount = count;
    series.writtenAt = clock.elapsed();
    const lastObservedTime = microTime(clock.now() - (clock.elapsed() - series.lastSeenAt));
    try {
      const patch = { series: { count, lastObservedTime } };
      await client.patch(EVENT, series.ref, patch, { signal: closed.signal });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      // Events live for an hour, and may be deleted: the next one is told anew.
      memory.forget(series.identity);
    }
  }

  function nameFor(regarding: KubeObject): string {
    const suffix = `.${clock.now().toString(16)}${randomBytes(4).toString('hex')}`;
    return regarding.metadata.name.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix;
  }

  function tell(regarding: KubeObject, { type, reason, action, note, related }: EventDetails): void {
    const cut = cutNote(note);
    const key = `${regarding.kind}/${keyOf(regarding)}/${regarding.metadata.uid ?? ''}`;
    const identity = JSON.stringify([key, type, reason, action, cut, related?.metadata.uid]);
    const running = memory.again(identity);
    if (running !== undefined) {
      metrics?.events.inc({ type, outcome: 'merged' });
      const rested = clock.elapsed() - running.writtenAt >= SERIES_REST_MS;
      if (running.created && rested) later(() => writeCount(running));
      return;
    }
    if (!allowance.take(key)) {
      metrics?.events.inc({ type, outcome: 'dropped' });
      return;
    }
    const ref: ObjectRef = {
      name: nameFor(regarding),
      namespace: regarding.metadata.namespace ?? 'default',
    };
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: ref.name, namespace: ref.namespace },
      eventTime: microTime(clock.now()),
      reportingController,
      reportingInstance: reportingInstance.slice(0, 128),
      type,
      reason,
      action,
      note: cut,
      regarding: objectReference(regarding),
      ...(related === undefined ? {} : { related: objectReference(related) }),
    };
    const series = memory.begin(identity, ref);
    if (!later(() => create(series, event, type))) {
      memory.forget(identity);
      metrics?.events.inc({ type, outcome: 'dropped' });
    }
  }

  return {
    event(regarding, details) {
      try {
        tell(regarding, details);
      } catch (error) {
        logger.warn({ error: error instanceof Error ? error.message : error }, 'an event could not be told');
      }
    },
    async flush(timeoutMs) {
      for (const series of memory.unwritten()) later(() => writeCount(series));
      flushing = true;
      rest.abort();
      rest = new AbortController();
      engageWriters();
      const wake = new AbortController();
      await Promise.race([idle.promise, sleep(clock, timeoutMs, wake.signal)]);
      wake.abort();
      flushing = false;
    },
    close() {
      waiting.length = 0;
      rest.abort();
      closed.abort(new Error('the event recorder is closed'));
    },
  };
}
