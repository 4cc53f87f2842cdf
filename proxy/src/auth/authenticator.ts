import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { parseBasicCredentials } from './basic-credentials.ts';
import type { PasswordChecker } from './password-checker.ts';

/** A verified Authorization header is believed for this long (milliseconds), as long as the file does not change. */
const VERIFIED_MS = 5 * 60_000;
/** A wrong header is refused unchecked for this long (milliseconds): a client that repeats itself costs nothing. */
const REFUSED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** What is known of a header without looking at a hash: its user, that it is wrong, or nothing. */
export type Recollection = { user: string } | 'refused' | undefined;

/**
 * Checks Authorization headers against the current users. Slow hashes are paid once: the outcome is remembered by a keyed digest, which
 * also takes the timing out of the look-up.
 */
export class Authenticator {
  readonly #checker: PasswordChecker;
  readonly #digestKey = randomBytes(32).toString('hex');
  readonly #verified = new LRUCache<string, { user: string }>({ max: MAX_REMEMBERED, ttl: VERIFIED_MS });
  readonly #refused = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REFUSED_MS });
  readonly #underWay = new Map<string, Promise<string | undefined>>();
  #users: ReadonlyMap<string, string>;
  #hashes: readonly string[];

  constructor(users: ReadonlyMap<string, string>, checker: PasswordChecker) {
    this.#users = users;
    this.#hashes = [...users.values()];
    this.#checker = checker;
  }

  /** Takes over a changed file. Users whose line is the same stay logged in; requests under way are not touched. */
  replaceUsers(users: ReadonlyMap<string, string>): void {
    for (const [digest, { user }] of this.#verified.entries()) {
      if (users.get(user) !== this.#users.get(user)) this.#verified.delete(digest);
    }
    this.#refused.clear();
    this.#underWay.clear();
    this.#users = users;
    this.#hashes = [...users.values()];
  }

  /** What is known already: the quick answer for nearly all requests. */
  recall(header: string): Recollection {
    const digest = this.#digest(header);
    return this.#verified.get(digest) ?? (this.#refused.has(digest) ? 'refused' : undefined);
  }

  /** The check of this very header that is under way. */
  underWay(header: string): Promise<string | undefined> | undefined {
    return this.#underWay.get(this.#digest(header));
  }

  /**
   * Verifies a header by its password hash; the user, or undefined when it is wrong. The same header at the same time is checked once.
   * @throws TooManyChecksError
   */
  verify(header: string): Promise<string | undefined> {
    const digest = this.#digest(header);
    const known = this.#underWay.get(digest);
    if (known) return known;
    const check = this.#check(header, digest).finally(() => {
      if (this.#underWay.get(digest) === check) this.#underWay.delete(digest);
    });
    this.#underWay.set(digest, check);
    return check;
  }

  async #check(header: string, digest: string): Promise<string | undefined> {
    const given = parseBasicCredentials(header);
    if (!given) return undefined;
    const users = this.#users;
    const hash = users.get(given.user);
    const checked = hash ?? this.#hashOfAnother(given.user);
    const matches = checked !== undefined && (await this.#checker.matches(given.password, checked));
    if (hash === undefined || !matches) {
      if (users === this.#users) this.#refused.set(digest, true);
      return undefined;
    }
    if (this.#users.get(given.user) !== hash) return undefined;
    this.#verified.set(digest, { user: given.user });
    return given.user;
  }

  /**
   * An unknown user costs as much time as a wrong password: some user's hash is checked instead, always the same for a name, since hashes
   * differ in their cost.
   */
  #hashOfAnother(user: string): string | undefined {
    return this.#hashes[Buffer.from(this.#digest(user), 'base64').readUInt32BE() % this.#hashes.length];
  }

  /** No digest ever leaves the process, so a secret prefix is as good a key as HMAC's, at a quarter of the price of every request. */
  #digest(text: string): string {
    return hash('sha256', this.#digestKey + text, 'base64');
  }
}
