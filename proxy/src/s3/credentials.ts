import type { Credentials } from './signature.ts';

/** Obtains credentials from wherever they are; rejects when there are none. */
export type CredentialProvider = () => Promise<Credentials>;

/** Temporary credentials are renewed in the background this long (milliseconds) before they expire. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** After a failed background renewal the next one waits this long (milliseconds); the old credentials serve meanwhile. */
const RENEWAL_PAUSE_MS = 5_000;

/** A fetch that takes longer (milliseconds) has failed: requests wait for it, and the next one must be free to try again. */
const LONGEST_FETCH_MS = 20_000;

/** Is told what becomes of each fetch. */
export interface CredentialObserver {
  obtained(credentials: Credentials): void;
  /** @param inUse the credentials that go on being used meanwhile, if there are any */
  failed(error: unknown, inUse: Credentials | undefined): void;
}

const NOBODY: CredentialObserver = { obtained() {}, failed() {} };

export interface CredentialHolderOptions {
  observer?: CredentialObserver;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Milliseconds. */
  longestFetch?: number;
}

/**
 * Holds the current credentials: renewed before they expire without holding up a request, one renewal at a time, and a
 * failure is never kept. No request waits while there are credentials that have not expired and were not refused.
 */
export class CredentialHolder {
  readonly #provider: CredentialProvider;
  readonly #observer: CredentialObserver;
  readonly #now: () => number;
  readonly #longestFetch: number;
  #current: Credentials | undefined;
  #renewal: Promise<Credentials> | undefined;
  #renewAfter = 0;

  constructor(
    provider: CredentialProvider,
    { observer = NOBODY, now = Date.now, longestFetch = LONGEST_FETCH_MS }: CredentialHolderOptions = {},
  ) {
    this.#provider = provider;
    this.#observer = observer;
    this.#now = now;
    this.#longestFetch = longestFetch;
  }

  /** The credentials at hand, or undefined when they must be fetched first with `fetch()`. */
  peek(): Credentials | undefined {
    const current = this.#current;
    if (current?.expiration === undefined) return current;
    const left = current.expiration - this.#now();
    // The store has the last word: what it calls expired a moment earlier is fetched anew by those who ask.
    if (left <= 0) return undefined;
    if (left <= RENEW_BEFORE_MS && this.#now() >= this.#renewAfter) {
      this.#renewAfter = this.#now() + RENEWAL_PAUSE_MS;
      this.fetch().catch(() => {});
    }
    return current;
  }

  /** Fetches credentials, joining a fetch that is under way. Rejects as the provider does, or when it takes too long. */
  fetch(): Promise<Credentials> {
    this.#renewal ??= inTime(this.#provider(), this.#longestFetch).then(
      (credentials) => {
        this.#renewal = undefined;
        this.#current = credentials;
        this.#observer.obtained(credentials);
        return credentials;
      },
      (error: unknown) => {
        this.#renewal = undefined;
        const { expiration = Number.POSITIVE_INFINITY } = this.#current ?? {};
        this.#observer.failed(error, expiration > this.#now() ? this.#current : undefined);
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

function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no credentials after ${milliseconds / 1000} seconds`)),
      milliseconds,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
