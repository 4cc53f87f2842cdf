import { LRUCache } from 'lru-cache';

/** Wrong passwords that a client may try without being slowed. */
const FREE_FAILURES = 5;
/** The first pause, in seconds; each further failure doubles it. */
const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 60;
/** A client's failures are forgotten after this long (milliseconds) without another one. */
const MEMORY_MS = 15 * 60_000;
/** Clients remembered; beyond it the one that has been quiet for longest is forgotten. */
const MAX_CLIENTS = 20_000;

interface Record {
  failures: number;
  /** Milliseconds since the epoch before which no password is checked for this client. */
  blockedUntil: number;
}

/** Slows each client that keeps giving wrong passwords, at no cost to others or to those who are logged in. */
export class Throttle {
  readonly #clients = new LRUCache<string, Record>({ max: MAX_CLIENTS, ttl: MEMORY_MS });
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Seconds that this client must wait before its next try; 0 when it may try now. */
  secondsToWait(client: string): number {
    const record = this.#clients.get(client);
    return record ? Math.max(0, Math.ceil((record.blockedUntil - this.#now()) / 1000)) : 0;
  }

  recordFailure(client: string): void {
    const failures = (this.#clients.get(client)?.failures ?? 0) + 1;
    const over = failures - FREE_FAILURES;
    const pause = over > 0 ? Math.min(FIRST_PAUSE_S * 2 ** (over - 1), LONGEST_PAUSE_S) : 0;
    this.#clients.set(client, { failures, blockedUntil: this.#now() + pause * 1000 });
  }
}
