import type { CredentialObserver } from './s3/credentials.ts';
import type { Credentials } from './s3/signature.ts';

/** The same failure is told again after this long (milliseconds): each request may be the next to meet it. */
const REPEAT_MS = 60_000;

type Write = (fields: object, message: string) => void;

/** The part of the program's log that is needed. */
interface Log {
  info: Write;
  warn: Write;
  error: Write;
}

/** Tells the log of credentials: failures with the source that failed and what to do, and their end. Never a key. */
export class CredentialLog implements CredentialObserver {
  readonly #log: Log;
  readonly #now: () => number;
  #failure: string | undefined;
  #toldAt = 0;

  constructor(log: Log, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  obtained({ expiration }: Credentials): void {
    if (expiration !== undefined || this.#failure !== undefined)
      this.#log.info(
        expiration === undefined ? {} : { expiresAt: new Date(expiration).toISOString() },
        'credentials obtained',
      );
    this.#failure = undefined;
  }

  failed(error: unknown, inUse: Credentials | undefined): void {
    const reason = error instanceof Error ? error.message : String(error);
    // While they serve on nothing is lost yet; without any, every request fails.
    const failure = `${inUse === undefined} ${reason}`;
    if (failure === this.#failure && this.#now() - this.#toldAt < REPEAT_MS) return;
    this.#failure = failure;
    this.#toldAt = this.#now();
    if (inUse === undefined) {
      this.#log.error({ reason }, 'no credentials: every request fails until there are some');
    } else {
      const until = inUse.expiration === undefined ? undefined : new Date(inUse.expiration).toISOString();
      this.#log.warn({ reason, until }, 'credentials could not be renewed; those there are serve on');
    }
  }
}
