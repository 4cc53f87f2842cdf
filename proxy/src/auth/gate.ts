import type { IncomingMessage } from 'node:http';
import type { Authenticator } from './authenticator.ts';
import { basicChallenge, parseBasicCredentials } from './basic-credentials.ts';
import { type ClientAddress, clientIdentity } from './client-address.ts';
import { TooManyChecksError } from './password-checker.ts';
import type { Throttle } from './throttle.ts';

/** Who a request comes from, or what to answer instead of serving it. */
export type Admission =
  | { user: string }
  | { status: 401 | 429 | 503; message: string; challenge?: string; retryAfter?: number };

/** Lets requests in by basic authentication (RFC 7617). */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #throttle: Throttle;
  readonly #clientAddress: ClientAddress;
  readonly #challenge: string;

  constructor(authenticator: Authenticator, throttle: Throttle, clientAddress: ClientAddress, realm: string) {
    this.#authenticator = authenticator;
    this.#throttle = throttle;
    this.#clientAddress = clientAddress;
    this.#challenge = basicChallenge(realm);
  }

  /** Answers at once for a header that is known; else a promise, because the password has to be checked. */
  admit(request: IncomingMessage): Admission | Promise<Admission> {
    const { authorization } = request.headers;
    if (authorization === undefined) return this.#refusal();
    const known = this.#authenticator.recall(authorization);
    if (known === 'refused') return this.#refusal();
    return known ?? this.#check(request, authorization);
  }

  async #check(request: IncomingMessage, authorization: string): Promise<Admission> {
    if (!parseBasicCredentials(authorization)) return this.#refusal();
    // A browser opens several connections at once; they count as one try.
    const joined = this.#authenticator.underWay(authorization);
    if (joined) return this.#conclude(joined);
    const client = clientIdentity(this.#clientAddress(request));
    const wait = this.#throttle.begin(client);
    if (wait > 0) return { status: 429, message: 'Too many failed logins; wait.', retryAfter: wait };
    let failed = false;
    try {
      const admission = await this.#conclude(this.#authenticator.verify(authorization));
      failed = 'status' in admission && admission.status === 401;
      return admission;
    } finally {
      this.#throttle.end(client, failed);
    }
  }

  async #conclude(check: Promise<string | undefined>): Promise<Admission> {
    try {
      const user = await check;
      return user === undefined ? this.#refusal() : { user };
    } catch (error) {
      if (!(error instanceof TooManyChecksError)) throw error;
      return { status: 503, message: 'Too many logins at once; try again.', retryAfter: 1 };
    }
  }

  #refusal(): Admission {
    return { status: 401, message: 'Unauthorized', challenge: this.#challenge };
  }
}
