import type { Random } from './random.ts';
import type { WatchRelay } from './watch-relay.ts';

/** What the weather knows of the wire that it is over. */
export interface Sky {
  readonly relays: ReadonlySet<WatchRelay>;
  /** Calls under way. */
  calls(): number;
}

/** When watch events get through to an operator, and when watches break. */
export interface Weather {
  open(sky: Sky): void;
  close(): void;
  /** The operator sends a request. */
  called(): void;
  /** The operator has the answer to a write. */
  wrote(): void;
  /** The operator has no answer to a write, and may try it again. */
  failed(): void;
  /** An event has come for the operator. */
  arrived(relay: WatchRelay): void;
}

export const WEATHERS = ['clear', 'delayed', 'broken'] as const;
export type WeatherName = (typeof WEATHERS)[number];

export function weatherOf(name: WeatherName, random: Random): Weather {
  switch (name) {
    case 'clear':
      return clear();
    case 'delayed':
      return delayed(random);
    case 'broken':
      return broken(random);
  }
}

/** Every event arrives at once. */
function clear(): Weather {
  return {
    open: () => {},
    close: () => {},
    called: () => {},
    wrote: () => {},
    failed: () => {},
    arrived: (relay) => relay.pass(),
  };
}

const TICK_MS = 15;
/** Ticks without a request after which the operator has nothing more to do. */
const IDLE_TICKS = 2;
/** The same when it may be about to try something again. */
const RETRY_TICKS = 8;

/**
 * The operator works on old state: most events wait until it has nothing more to do, and then come one collection at a time, in
 * any order of the collections.
 */
function delayed(random: Random): Weather {
  let sky: Sky | undefined;
  let timer: NodeJS.Timeout | undefined;
  let idleTicks = 0;
  let enough = IDLE_TICKS;

  function passOne(): void {
    const waiting = [...(sky?.relays ?? [])].filter(({ held }) => held > 0);
    waiting[Math.floor(random() * waiting.length)]?.pass();
  }

  function tick(): void {
    idleTicks = sky?.calls() === 0 ? idleTicks + 1 : 0;
    if (idleTicks >= enough) {
      idleTicks = 0;
      enough = IDLE_TICKS;
      passOne();
    }
    timer = [...(sky?.relays ?? [])].some(({ held }) => held > 0) ? setTimeout(tick, TICK_MS) : undefined;
  }

  return {
    open(above) {
      sky = above;
    },
    close: () => clearTimeout(timer),
    called() {
      if (enough === IDLE_TICKS && random() < 0.1) passOne();
    },
    wrote: () => {},
    failed() {
      enough = RETRY_TICKS;
    },
    arrived(relay) {
      if (enough === IDLE_TICKS && relay.held === 1 && random() < 0.2) return relay.pass();
      idleTicks = 0;
      timer ??= setTimeout(tick, TICK_MS);
    },
  };
}

/** Watches break after writes; some have to be listed anew, and what happened in between is never told. */
function broken(random: Random): Weather {
  let sky: Sky | undefined;
  return {
    open(above) {
      sky = above;
    },
    close: () => {},
    called: () => {},
    wrote() {
      for (const relay of [...(sky?.relays ?? [])]) {
        const luck = random();
        if (luck < 0.15) relay.reset();
        else if (luck < 0.3) relay.expire();
      }
    },
    failed: () => {},
    arrived: (relay) => relay.pass(),
  };
}
