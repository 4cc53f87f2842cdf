import { strongTag } from '../http/entity-tag.ts';
import { type ByteRange, type RangeSpec, satisfiableRanges } from '../http/range.ts';
import { Body } from '../s3/body.ts';
import type { ObjectRequest, ObjectSource, RevalidatingSource, StoredObject } from '../s3/object-source.ts';
import type { Operation } from '../s3/operation.ts';
import { StoreError } from '../s3/store-error.ts';
import { Fetcher } from './fetcher.ts';
import type { Landing } from './flight.ts';
import { type FreshnessRules, standingOf } from './freshness.ts';
import type { KeptObject } from './kept-object.ts';
import { ObjectMemory } from './object-memory.ts';
import { isFailureOfStore } from './revalidation.ts';
import { UnfitKeys } from './unfit-keys.ts';

/**
 * What a look-up came to: used from memory; used though stale; not there or no longer valid; there, and the store says that it is still valid;
 * not looked for, because the object is known not to be kept.
 */
export type LookUp = 'hit' | 'stale' | 'miss' | 'revalidated' | 'bypass';

export interface CacheOptions {
  /** Memory for all that is kept, in bytes. */
  maxBytes: number;
  /** Larger objects are not kept (bytes). */
  maxObjectBytes: number;
  rules: FreshnessRules;
  onLookUp: (result: LookUp) => void;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

/** An object in memory, with its age in seconds. */
export interface RecalledObject {
  kept: KeptObject;
  age: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * An object source with a memory in front. It answers as the source behind it does, or did within the rules of freshness. ADR 4 says what is kept, for how
 * long, and what is never used stale.
 */
export class CachedSource implements ObjectSource {
  readonly #store: RevalidatingSource;
  readonly #onLookUp: (result: LookUp) => void;
  readonly #now: () => number;
  readonly #memory: ObjectMemory;
  readonly #unfit: UnfitKeys;
  readonly #fetcher: Fetcher;

  constructor(store: RevalidatingSource, options: CacheOptions) {
    const { maxBytes, maxObjectBytes, rules, onLookUp, now = () => performance.now() } = options;
    this.#store = store;
    this.#onLookUp = onLookUp;
    this.#now = now;
    this.#memory = new ObjectMemory(maxBytes);
    this.#unfit = new UnfitKeys(now);
    this.#fetcher = new Fetcher({
      store,
      memory: this.#memory,
      unfit: this.#unfit,
      rules,
      maxObjectBytes,
      now,
    });
  }

  stats(): { objects: number; bytes: number } {
    return this.#memory.stats();
  }

  /** An object that is whole in memory and may be used at once; nothing is asked on its account but in the background. */
  recall(key: string, operation: Operation): RecalledObject | undefined {
    const kept = this.#memory.get(key);
    if (!kept) return undefined;
    const now = this.#now();
    if (!this.#mayBeUsed(kept, now)) return undefined;
    this.#memory.lend(kept, operation);
    return { kept, age: kept.ageAt(now) };
  }

  open(request: ObjectRequest, operation: Operation): StoredObject | Promise<StoredObject> {
    const kept = this.#memory.get(request.key);
    if (!kept) return this.#openMissing(request, operation);
    const now = this.#now();
    if (this.#mayBeUsed(kept, now)) return this.#read(kept, request, operation, now);
    return this.#revalidate(kept, request, operation);
  }

  #mayBeUsed(kept: KeptObject, now: number): boolean {
    const standing = standingOf(kept, now, this.#fetcher.isUnderWayInBackground(kept.key));
    if (standing === 'ask') return false;
    if (standing === 'background') this.#fetcher.refresh(kept);
    this.#onLookUp(standing === 'fresh' ? 'hit' : 'stale');
    return true;
  }

  #openMissing(request: ObjectRequest, operation: Operation): StoredObject | Promise<StoredObject> {
    const { key } = request;
    const now = this.#now();
    const filling = this.#fetcher.filling(key);
    if (filling && standingOf(filling, now, false) === 'fresh') {
      this.#onLookUp('hit');
      return this.#read(filling, request, operation, now);
    }
    const isUnfit = this.#unfit.has(key);
    this.#onLookUp(isUnfit ? 'bypass' : 'miss');
    const brings = wantsWhole(request) || request.expectsBody || this.#fetcher.isUnderWay(key);
    if (isUnfit || filling || !brings) return this.#store.open(request, operation);
    return this.#fetch(request, operation);
  }

  async #fetch(request: ObjectRequest, operation: Operation): Promise<StoredObject> {
    const landing = await this.#fetcher.fetch(request.key, undefined, wantsWhole(request), operation);
    return this.#use(landing, request, operation);
  }

  async #revalidate(kept: KeptObject, request: ObjectRequest, operation: Operation): Promise<StoredObject> {
    this.#memory.hold(kept);
    try {
      const landing = await this.#fetcher.fetch(request.key, kept, wantsWhole(request), operation);
      const isValid = landing.kind === 'kept' && !landing.changed;
      this.#onLookUp(isValid ? 'revalidated' : 'miss');
      return this.#use(landing, request, operation);
    } catch (error) {
      const now = this.#now();
      if (!isFailureOfStore(error) || now - kept.validatedAt >= kept.freshness.onError) throw error;
      this.#onLookUp('stale');
      return this.#read(kept, request, operation, now);
    } finally {
      this.#memory.release(kept);
    }
  }

  #use(landing: Landing, request: ObjectRequest, operation: Operation): StoredObject | Promise<StoredObject> {
    if (landing.kind === 'kept') return this.#read(landing.object, request, operation);
    const { object, isTaken } = landing;
    if (request.method === 'HEAD' && request.ifMatch === undefined)
      return { ...object, body: Body.whole(NOTHING) };
    if (!isTaken) return this.#store.open(request, operation);
    if (!request.range) return object;
    const range = partOf(request.range, object.size);
    if (range) return { ...object, range };
    object.body.cancel();
    throw unsatisfiable(object.size);
  }

  /** @param now when the age matters: not right after the store has vouched for the object */
  #read(
    kept: KeptObject,
    request: ObjectRequest,
    operation: Operation,
    now?: number,
  ): StoredObject | Promise<StoredObject> {
    const { size, headers } = kept;
    // Whoever insists on another version knows of one from the store, which may have it by now.
    if (request.ifMatch !== undefined && request.ifMatch !== strongTag(headers.etag))
      return this.#store.open(request, operation);
    const range = request.range && partOf(request.range, size);
    if (request.range && !range) throw unsatisfiable(size);
    const age = now === undefined ? undefined : kept.ageAt(now);
    if (request.method === 'HEAD') return { size, range, headers, body: Body.whole(NOTHING), age };
    this.#memory.lend(kept, operation);
    const body = range ? kept.read(range.first, range.last + 1) : kept.read(0, size);
    if (!kept.isComplete) operation.onCancel(() => body.cancel());
    return { size, range, headers, body, age };
  }
}

/** Whether it takes the object from its first byte to its last, whatever its version: then a request without Range brings the same bytes. */
function wantsWhole({ method, range, ifMatch }: ObjectRequest): boolean {
  const isWhole = range === undefined || ('first' in range && range.first === 0 && range.last === undefined);
  return method === 'GET' && isWhole && ifMatch === undefined;
}

function partOf(range: RangeSpec, size: number): ByteRange | undefined {
  return satisfiableRanges([range], size)[0];
}

/** What the store says to a range outside the object. */
function unsatisfiable(actualSize: number): StoreError {
  return new StoreError('range', 'InvalidRange', { actualSize });
}
