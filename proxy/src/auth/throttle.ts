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

interface Client {
  failures: number;
  /** Milliseconds before which no password is checked for this client, on the clock's scale. */
  blockedUntil: number;
}

/** Slows each client that keeps giving wrong passwords, at no cost to others or to those who are logged in. */
export class Throttle {
  readonly #clients: LRUCache<string, Client>;
  /** Checks under way by client: they count before they have failed, else trying many at once would cost nothing. */
  readonly #underWay = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#clients = new LRUCache({ max: MAX_CLIENTS, ttl: MEMORY_MS, ttlResolution: 0, perf: { now } });
  }

  /** Asks for leave to check a password. 0: it is given, and `end` must follow. Else the seconds to wait before asking again. */
  begin(client: string): number {
    const { failures, blockedUntil } = this.#clients.get(client) ?? { failures: 0, blockedUntil: 0 };
    const left = blockedUntil - this.#now();
    if (left > 0) return Math.ceil(left / 1000);
    const underWay = this.#underWay.get(client) ?? 0;
    if (underWay >= Math.max(1, FREE_FAILURES - failures)) return FIRST_PAUSE_S;
    this.#underWay.set(client, underWay + 1);
    return 0;
  }

  /** A check is over. */
  end(client: string, failed: boolean): void {
    const left = (this.#underWay.get(client) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(client);
    else this.#underWay.set(client, left);
    if (failed) this.#recordFailure(client);
  }

  #recordFailure(client: string): void {
    const failures = (this.#clients.get(client)?.failures ?? 0) + 1;
    const over = failures - FREE_FAILURES;
    const pause = over > 0 ? Math.min(FIRST_PAUSE_S * 2 ** (over - 1), LONGEST_PAUSE_S) : 0;
    this.#clients.set(client, { failures, blockedUntil: this.#now() + pause * 1000 });
  }
}
