import type { RevalidatingSource, StoredObject } from '../s3/object-source.ts';
import { Operation } from '../s3/operation.ts';
import { Filling } from './filling.ts';
import { Flight, type Landing } from './flight.ts';
import { type FreshnessRules, freshnessOf } from './freshness.ts';
import { costOf, KeptObject } from './kept-object.ts';
import type { ObjectMemory } from './object-memory.ts';
import { isFailureOfStore, isSameVersion, tagToAskWith } from './revalidation.ts';
import type { UnfitKeys } from './unfit-keys.ts';

export interface FetcherOptions {
  store: RevalidatingSource;
  memory: ObjectMemory;
  unfit: UnfitKeys;
  rules: FreshnessRules;
  /** Larger objects are not kept (bytes). */
  maxObjectBytes: number;
  /** Monotonic clock, in milliseconds. */
  now: () => number;
}

/** Brings objects from the store into memory. Whoever wants one that is on its way shares the question, and the bytes. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #flights = new Map<string, Flight>();

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  isUnderWay(key: string): boolean {
    return this.#flights.has(key);
  }

  isUnderWayInBackground(key: string): boolean {
    return this.#flights.get(key)?.inBackground === true;
  }

  /** An object whose bytes are on their way into memory. */
  filling(key: string): KeptObject | undefined {
    return this.#flights.get(key)?.object;
  }

  /**
   * Asks for an object, or joins whoever has asked.
   * @param kept what is in memory under this key: the store need only say that it has not changed
   * @param takesBody whether the bytes of an object that is not kept are of use
   * @throws StoreError
   */
  fetch(
    key: string,
    kept: KeptObject | undefined,
    takesBody: boolean,
    operation: Operation,
  ): Promise<Landing> {
    const underWay = this.#flights.get(key);
    if (underWay) return underWay.join(takesBody, operation);
    const flight = this.#depart(key, new Operation(operation.traceHeaders, operation.calls), false);
    const landing = flight.join(takesBody, operation);
    void this.#fly(flight, key, kept);
    return landing;
  }

  /** Asks whether an object is still the same, and gets what has taken its place; nobody waits for it. */
  refresh(kept: KeptObject): void {
    if (this.#flights.has(kept.key)) return;
    void this.#fly(this.#depart(kept.key, new Operation(), true), kept.key, kept);
  }

  #depart(key: string, operation: Operation, inBackground: boolean): Flight {
    const flight: Flight = new Flight({ startedAt: this.#options.now(), operation, inBackground }, () => {
      this.#arrive(key, flight);
      operation.cancel();
    });
    this.#flights.set(key, flight);
    return flight;
  }

  #arrive(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  async #fly(flight: Flight, key: string, kept: KeptObject | undefined): Promise<void> {
    const { memory, now } = this.#options;
    if (kept) memory.hold(kept);
    try {
      const object = await this.#ask(flight, key, kept);
      if (flight.operation.canceled) {
        object?.body.cancel();
      } else if (object) {
        this.#receive(flight, key, object);
      } else if (kept) {
        this.#arrive(key, flight);
        flight.landKept(kept, false);
      }
    } catch (error) {
      this.#arrive(key, flight);
      if (isFailureOfStore(error)) {
        if (kept) kept.failedAt = now();
      } else if (!flight.operation.canceled) {
        memory.delete(key);
      }
      flight.fail(error);
    } finally {
      if (kept) memory.release(kept);
    }
  }

  /** Gives the object, or undefined when the one in memory is good again. */
  async #ask(flight: Flight, key: string, kept: KeptObject | undefined): Promise<StoredObject | undefined> {
    const { store } = this.#options;
    const { operation } = flight;
    const ifNoneMatch = kept && tagToAskWith(kept.headers);
    if (!kept || ifNoneMatch === undefined) return store.open({ key, method: 'GET' }, operation);
    const answer = await store.openChanged({ key, ifNoneMatch }, operation);
    if (answer.changed) return answer.object;
    // The entity tag tells of the bytes alone. Where a 304 does not say when the object was written, HEAD does.
    const told = answer.headers['last-modified'] !== undefined;
    const { headers } = told ? answer : await store.open({ key, method: 'HEAD' }, operation);
    if (!isSameVersion(kept.headers, { etag: kept.headers.etag, ...headers }))
      return store.open({ key, method: 'GET' }, operation);
    this.#renew(kept, flight.startedAt, headers.date);
    return undefined;
  }

  /** The headers of a 304 are not taken over: stores put in what belongs to the 304 itself, such as its own Content-Type. */
  #renew(kept: KeptObject, validatedAt: number, date: string | undefined): void {
    kept.validatedAt = validatedAt;
    kept.failedAt = undefined;
    kept.freshness = freshnessOf({ ...kept.headers, date }, this.#options.rules) ?? kept.freshness;
  }

  #receive(flight: Flight, key: string, { size, headers, body }: StoredObject): void {
    const { memory, unfit, rules, maxObjectBytes } = this.#options;
    // Whatever becomes of the new version, the old one is known to be old.
    memory.delete(key);
    const freshness = size <= maxObjectBytes ? freshnessOf(headers, rules) : undefined;
    const cost = costOf(key, size, headers);
    if (!freshness) unfit.remember(key);
    if (!freshness || !memory.makeRoom(cost)) {
      this.#arrive(key, flight);
      flight.landUnkept({ size, range: undefined, headers, body });
      return;
    }
    const filling = new Filling(size);
    const object = new KeptObject(
      { key, size, headers, cost, freshness, validatedAt: flight.startedAt },
      filling,
    );
    memory.hold(object);
    flight.object = object;
    const settle = () => {
      this.#arrive(key, flight);
      memory.release(object);
    };
    filling.fill(
      body,
      () => {
        object.complete();
        memory.put(object);
        settle();
      },
      settle,
    );
    flight.landKept(object, true);
  }
}
