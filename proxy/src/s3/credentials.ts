import type { Credentials } from './signature.ts';

/** Obtains credentials from wherever they are; rejects when there are none. */
export type CredentialProvider = () => Promise<Credentials>;

/** Temporary credentials are renewed in the background this long (milliseconds) before they expire. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Credentials this close (milliseconds) to their end are not used any more: a request must still be under way in time. */
const UNUSABLE_BEFORE_MS = 10_000;

/** After a failed background renewal the next one waits this long (milliseconds); the old credentials serve meanwhile. */
const RENEWAL_PAUSE_MS = 5_000;

/**
 * Holds the current credentials: renewed before they expire without holding up a request, one renewal at a time, and a
 * failure is never kept.
 */
export class CredentialHolder {
  readonly #provider: CredentialProvider;
  readonly #now: () => number;
  #current: Credentials | undefined;
  #renewal: Promise<Credentials> | undefined;
  #renewAfter = 0;

  constructor(provider: CredentialProvider, now: () => number = Date.now) {
    this.#provider = provider;
    this.#now = now;
  }

  /** The credentials at hand, or undefined when they must be fetched first with `fetch()`. */
  peek(): Credentials | undefined {
    const current = this.#current;
    if (current?.expiration === undefined) return current;
    const left = current.expiration - this.#now();
    if (left <= UNUSABLE_BEFORE_MS) return undefined;
    if (left <= RENEW_BEFORE_MS && this.#now() >= this.#renewAfter) {
      this.#renewAfter = this.#now() + RENEWAL_PAUSE_MS;
      this.fetch().catch(() => {});
    }
    return current;
  }

  /** Fetches credentials, joining a fetch that is under way. */
  fetch(): Promise<Credentials> {
    this.#renewal ??= this.#provider().then(
      (credentials) => {
        this.#renewal = undefined;
        this.#current = credentials;
        return credentials;
      },
      (error: unknown) => {
        this.#renewal = undefined;
        throw error;
      },
    );
    return this.#renewal;
  }

  /** The store refused these credentials: they are not used again, unless others have taken their place already. */
  invalidate(refused: Credentials): void {
    if (this.#current === refused) this.#current = undefined;
  }
}
