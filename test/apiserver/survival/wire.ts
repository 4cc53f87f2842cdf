import type { Dispatcher } from 'undici';
import type { Connection } from '../../../operator/src/kube/connection.ts';
import type { Pool } from './pool.ts';
import { createWatchRelay, nobody, type WatchRelay } from './watch-relay.ts';
import type { Weather } from './weather.ts';

/** A request that changes something. */
export interface Write {
  /** 1 for the operator's first one. */
  ordinal: number;
  /** Such as `PATCH secrets/photos-tls`. The names of events are random and left out. */
  label: string;
}

/**
 * What becomes of a write. `refused`: the connection breaks before the server has it. `lost`: the server does it, and the connection
 * breaks before the answer. `held`: as `refused`, and it arrives when `sendHeld` is called.
 */
export type Fate = 'answered' | 'refused' | 'lost' | 'held';

export interface WireOptions {
  pool: Pool;
  weather: Weather;
  /** Decides on each write. */
  fate(write: Write): Fate;
  /** Called when the server has done a write whose answer is lost. */
  onLost(write: Write): void;
}

/** What an operator has for a network. */
export interface Wire {
  readonly connection: Connection;
  readonly writes: readonly Write[];
  /** Lists and reads that the server may answer from the past (see `mayBeOld`). */
  readonly oldReads: readonly string[];
  /** Calls under way, and watch events that the weather holds back. */
  readonly pending: number;
  /** Version up to which the operator was told of a collection (see `streamOf`); 0 before its first list. */
  toldUpTo(stream: string): bigint;
  /** Called whenever a call ends or events are passed on. */
  onActivity: () => void;
  /** Breaks everything off and lets nothing through any more, in either direction: the operator has crashed. */
  cut(): void;
  /** Has the write that was held arrive at the server. */
  sendHeld(): Promise<void>;
}

const BROKEN = 'the connection broke (test)';

/** The collection that a list or watch is of: Secrets come in two, ours and the others. */
export function streamOf(path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://server');
  const plural = pathname.slice(pathname.lastIndexOf('/') + 1);
  return searchParams.get('labelSelector')?.includes('!=') === true ? `${plural}, others` : plural;
}

/**
 * Whether the API server may answer a read from a cache that lags behind: it does so when a version is named. An operator that starts on
 * such a list would live through the past once more.
 */
function mayBeOld(path: string): boolean {
  return new URL(path, 'http://server').searchParams.has('resourceVersion');
}

function labelOf(method: string, path: string): string {
  const what = path.replace(/^.*\/namespaces\/[^/]+\//, '').replace(/\?.*$/, '');
  return `${method} ${what.startsWith('events') ? 'events' : what}`;
}

export function openWire({ pool, weather, fate, onLost }: WireOptions): Wire {
  const writes: Write[] = [];
  const oldReads: string[] = [];
  const told = new Map<string, bigint>();
  const relays = new Set<WatchRelay>();
  const breaking = new Set<() => void>();
  let calls = 0;
  let broken = false;
  let sendHeld = async (): Promise<void> => {};

  function tell(stream: string, version: string | undefined): void {
    const now = BigInt(version ?? '0');
    if (now > (told.get(stream) ?? 0n)) told.set(stream, now);
  }

  const throughCalls: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const { method, path } = options;
    let fated: Fate = 'answered';
    let write: Write | undefined;
    if (method !== 'GET') {
      write = { ordinal: writes.length + 1, label: labelOf(method, path) };
      writes.push(write);
      fated = fate(write);
      if (fated === 'held') sendHeld = async () => void (await send(options));
    } else if (mayBeOld(path)) oldReads.push(path);
    if (broken || fated === 'refused' || fated === 'held') {
      weather.failed();
      queueMicrotask(() => handler.onResponseError?.(nobody, new Error(BROKEN)));
      return true;
    }
    calls++;
    weather.called();
    let open = true;
    const end = (): boolean => {
      if (!open) return false;
      open = false;
      calls--;
      breaking.delete(abandon);
      queueMicrotask(() => wire.onActivity());
      return true;
    };
    const abandon = (): void => {
      if (end()) handler.onResponseError?.(nobody, new Error(BROKEN));
    };
    breaking.add(abandon);
    let answer: (() => void)[] = [];
    const text: Buffer[] = [];
    return dispatch(options, {
      onRequestStart: (controller, context) => void (open && handler.onRequestStart?.(controller, context)),
      onResponseStart(controller, ...head) {
        answer = [() => handler.onResponseStart?.(controller, ...head)];
      },
      onResponseData(controller, chunk) {
        text.push(chunk);
        answer.push(() => handler.onResponseData?.(controller, chunk));
      },
      onResponseEnd(controller, trailers) {
        if (fated === 'lost' && write !== undefined) onLost(write);
        if (!open) return;
        if (fated === 'lost') {
          weather.failed();
          return abandon();
        }
        if (method === 'GET') noteList(path, text);
        for (const part of answer) part();
        handler.onResponseEnd?.(controller, trailers);
        end();
        if (write !== undefined) weather.wrote();
      },
      onResponseError(controller, error) {
        if (end()) handler.onResponseError?.(controller, error);
      },
    });
  };

  function noteList(path: string, text: readonly Buffer[]): void {
    const answer = JSON.parse(Buffer.concat(text).toString()) as {
      kind?: string;
      metadata?: { resourceVersion?: string };
    };
    if (answer.kind?.endsWith('List') === true) tell(streamOf(path), answer.metadata?.resourceVersion);
  }

  const throughWatches: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    if (broken) {
      queueMicrotask(() => handler.onResponseError?.(nobody, new Error(BROKEN)));
      return true;
    }
    const stream = streamOf(options.path);
    const relay = createWatchRelay(handler, {
      arrived: () => weather.arrived(relay),
      passed(version) {
        tell(stream, version);
        queueMicrotask(() => wire.onActivity());
      },
      ended: () => relays.delete(relay),
    });
    relays.add(relay);
    return dispatch(options, relay.handler);
  };

  async function send(options: Dispatcher.DispatchOptions): Promise<void> {
    const { method, path, headers, body } = options;
    const request = {
      origin: pool.server.origin,
      method,
      path,
      headers: headers ?? null,
      body: body ?? null,
    };
    const answer = await pool.calls.request(request as Dispatcher.RequestOptions);
    await answer.body.dump();
  }

  const route = {
    calls: pool.calls.compose(throughCalls),
    watches: pool.watches.compose(throughWatches),
    headers: pool.headers,
  };
  const wire: Wire = {
    connection: {
      server: pool.server,
      async route() {
        if (broken) throw new Error(BROKEN);
        return route;
      },
      refused: () => {},
      close: async () => wire.cut(),
    },
    writes,
    oldReads,
    get pending() {
      return calls + [...relays].reduce((sum, relay) => sum + relay.held, 0);
    },
    toldUpTo: (stream) => told.get(stream) ?? 0n,
    onActivity: () => {},
    cut() {
      if (broken) return;
      broken = true;
      weather.close();
      for (const abandon of [...breaking]) abandon();
      for (const relay of [...relays]) relay.reset();
    },
    sendHeld: () => sendHeld(),
  };
  weather.open({ relays, calls: () => calls });
  return wire;
}
