import { createHash } from 'node:crypto';
import { formatHttpDate } from '../../http/http-date.ts';
import { satisfiableRanges } from '../../http/range.ts';
import { Body, type BodyFlow } from '../../s3/body.ts';
import type { ObjectRequest, RevalidatingSource, StoredObject } from '../../s3/object-source.ts';
import type { Operation } from '../../s3/operation.ts';
import { StoreError, type StoreErrorKind } from '../../s3/store-error.ts';
import type { StoreHeaders } from '../../s3/transport/response-head.ts';

/** Time as a test has it: milliseconds, from an arbitrary instant. */
export interface Clock {
  now: number;
}

/** One version of an object. */
export interface Version {
  bytes: Buffer;
  headers: StoreHeaders;
}

/** An answer of the store that waits for the test. */
export interface PendingAnswer {
  request: ObjectRequest & { ifNoneMatch?: string };
  operation: Operation;
  /** Lets the store answer, as it is by then; the body comes at once unless `bodiesWait`. */
  answer(): void;
  fail(kind: StoreErrorKind): void;
}

/** A body that comes as the test says. */
export class Delivery implements BodyFlow {
  readonly body = new Body();
  readonly bytes: Buffer;
  isCanceled = false;
  isPaused = false;
  #sent = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.body.connect(this);
  }

  /** The next so many bytes come; with the last of them the body ends. */
  send(count = this.bytes.length): void {
    const end = Math.min(this.#sent + count, this.bytes.length);
    if (end > this.#sent) this.body.push(this.bytes.subarray(this.#sent, end));
    this.#sent = end;
    if (end === this.bytes.length) this.body.end();
  }

  breakOff(): void {
    this.body.fail(new StoreError('connection', 'ConnectionClosed'));
  }

  keep(chunk: Buffer): Buffer {
    return chunk;
  }
  release(): void {}
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  abort(): void {
    this.isCanceled = true;
  }
}

/**
 * A bucket in memory that answers as S3 does: entity tags tell of the bytes alone, dates count in seconds. A test may hold its answers and bodies back, or
 * let it fail.
 */
export class FakeStore implements RevalidatingSource {
  readonly calls: (ObjectRequest & { ifNoneMatch?: string })[] = [];
  /** Whether answers, or bodies, wait for the test. */
  answersWait = false;
  bodiesWait = false;
  readonly pending: PendingAnswer[] = [];
  readonly deliveries: Delivery[] = [];
  /** What every request fails with. */
  failure: StoreErrorKind | undefined;
  /** Whether a 304 says when the object was written; not every store's does. */
  datesIn304 = true;
  readonly #clock: Clock;
  readonly #objects = new Map<string, Version>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(key: string, bytes: Buffer | string, headers: StoreHeaders = {}): Version {
    const content = Buffer.from(bytes);
    const version = {
      bytes: content,
      headers: {
        'content-type': 'text/plain',
        'content-length': String(content.length),
        etag: `"${createHash('md5').update(content).digest('hex')}"`,
        'last-modified': formatHttpDate(this.#clock.now),
        ...headers,
      },
    };
    this.#objects.set(key, version);
    return version;
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  version(key: string): Version | undefined {
    return this.#objects.get(key);
  }

  async open(request: ObjectRequest, operation: Operation): Promise<StoredObject> {
    this.calls.push(request);
    await this.#turn(request, operation);
    return this.#answer(request, operation);
  }

  async openChanged(request: { key: string; ifNoneMatch: string }, operation: Operation) {
    const { key, ifNoneMatch } = request;
    this.calls.push({ key, method: 'GET', ifNoneMatch });
    await this.#turn({ key, method: 'GET', ifNoneMatch }, operation);
    const version = this.#objects.get(key);
    if (!version || version.headers.etag !== ifNoneMatch) {
      return { changed: true as const, object: this.#answer({ key, method: 'GET' }, operation) };
    }
    const { etag, 'last-modified': modified } = version.headers;
    const dates = this.datesIn304 ? { etag, 'last-modified': modified } : {};
    return {
      changed: false as const,
      headers: { date: this.#date(), 'content-type': 'application/xml', ...dates },
    };
  }

  #turn(request: ObjectRequest & { ifNoneMatch?: string }, operation: Operation): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (kind: StoreErrorKind) => reject(new StoreError(kind, kind));
      const answer = () => (this.failure ? fail(this.failure) : resolve());
      operation.onCancel(() => fail('canceled'));
      if (this.answersWait) this.pending.push({ request, operation, answer, fail });
      else answer();
    });
  }

  #answer(request: ObjectRequest, operation: Operation): StoredObject {
    const version = this.#objects.get(request.key);
    const described = describe(version, request);
    const body =
      request.method === 'HEAD' ? Body.whole(Buffer.alloc(0)) : this.#deliver(described.bytes, operation);
    const { size, range } = described;
    return { size, range, headers: { ...described.headers, date: this.#date() }, body };
  }

  #deliver(bytes: Buffer, operation: Operation): Body {
    const delivery = new Delivery(bytes);
    operation.onCancel(() => delivery.body.cancel());
    this.deliveries.push(delivery);
    if (!this.bodiesWait) delivery.send();
    return delivery.body;
  }

  #date(): string {
    return formatHttpDate(this.#clock.now);
  }
}

/**
 * What the store makes of a request, given the object as it is.
 * @throws StoreError
 */
export function describe(
  version: Version | undefined,
  { method, range, ifMatch }: ObjectRequest,
): {
  size: number;
  range: { first: number; last: number } | undefined;
  headers: StoreHeaders;
  bytes: Buffer;
} {
  if (!version) throw new StoreError('not-found', 'NoSuchKey');
  const { bytes, headers } = version;
  const size = bytes.length;
  if (ifMatch !== undefined && ifMatch !== headers.etag)
    throw new StoreError('changed', 'PreconditionFailed');
  if (!range || method === 'HEAD') return { size, range: undefined, headers, bytes };
  const part = satisfiableRanges([range], size)[0];
  if (!part) throw new StoreError('range', 'InvalidRange', { actualSize: size });
  return { size, range: part, headers, bytes: bytes.subarray(part.first, part.last + 1) };
}
