import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { parseBasicCredentials } from './basic-credentials.ts';
import { verifyPassword } from './password.ts';

/** A verified Authorization header is believed for this long (milliseconds), as long as the file does not change. */
const VERIFIED_TTL_MS = 5 * 60_000;

/** A bcrypt hash of nothing anybody knows: an unknown user costs as much time as a wrong password. */
const DECOY_HASH = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8rM1q0Yq1n1r0m5D8b5cN2kq0sZ9e2';

/**
 * Checks Authorization headers against the current users. Slow hashes are paid once: a header that passed is remembered by a keyed
 * digest, which also takes the timing out of the look-up.
 */
export class Authenticator {
  readonly #digestKey = randomBytes(32);
  readonly #verified = new LRUCache<string, string>({ max: 10_000, ttl: VERIFIED_TTL_MS });
  #users: ReadonlyMap<string, string>;

  constructor(users: ReadonlyMap<string, string>) {
    this.#users = users;
  }

  /** Takes over a changed file. A header stays verified only while its user's hash is still the same. */
  replaceUsers(users: ReadonlyMap<string, string>): void {
    this.#users = users;
    this.#verified.clear();
  }

  /** The user of a header that was verified before: the quick answer for most requests. */
  recall(header: string): string | undefined {
    return this.#verified.get(this.#digest(header));
  }

  /** Verifies a header by its password hash; the user, or undefined when it is wrong. */
  async verify(header: string): Promise<string | undefined> {
    const given = parseBasicCredentials(header);
    if (!given) return undefined;
    const users = this.#users;
    const hash = users.get(given.user);
    const matches = await verifyPassword(given.password, hash ?? DECOY_HASH);
    if (hash === undefined || !matches || users !== this.#users) return undefined;
    this.#verified.set(this.#digest(header), given.user);
    return given.user;
  }

  #digest(header: string): string {
    return createHmac('sha256', this.#digestKey).update(header).digest('base64');
  }
}
