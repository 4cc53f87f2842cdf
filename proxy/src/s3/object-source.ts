import { parseEntityTag } from '../http/entity-tag.ts';
import { encodePath } from '../http/percent-encoding.ts';
import { type ByteRange, parseContentRange, type RangeSpec, satisfiableRanges } from '../http/range.ts';
import type { Body } from './body.ts';
import { mendBody } from './mend-body.ts';
import type { Operation } from './operation.ts';
import type { StoreClient, StoreRequest } from './store-client.ts';
import { StoreError } from './store-error.ts';
import type { StoreResponse } from './transport/exchange.ts';
import type { StoreHeaders } from './transport/response-head.ts';

/** S3 API: no key is longer than this many bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

/** What to read. A request for several ranges reads its parts one by one. */
export interface ObjectRequest {
  key: string;
  method: 'GET' | 'HEAD';
  range?: RangeSpec | undefined;
  /** Entity tag that the object must still have. */
  ifMatch?: string | undefined;
  /** For HEAD: the bytes will most likely be asked for next, so a cache may get them along. */
  expectsBody?: boolean | undefined;
}

/** An object, or a part of one, whose metadata is known and whose bytes are on their way. */
export interface StoredObject {
  /** Size in bytes of the whole object. */
  size: number;
  /** The part that `body` holds; undefined for all of it. */
  range: ByteRange | undefined;
  /** The store's response headers, lower case. */
  headers: StoreHeaders;
  body: Body;
  /** Seconds since the store last vouched for it, when it comes out of a cache. */
  age?: number | undefined;
}

/** Reads objects: what the HTTP side needs of a store. */
export interface ObjectSource {
  /**
   * Opens an object and gives it as soon as its metadata is known: at once, when it is in memory.
   * @throws StoreError
   */
  open(request: ObjectRequest, operation: Operation): StoredObject | Promise<StoredObject>;
}

/** An object source that can tell what has changed. */
export interface RevalidatingSource extends ObjectSource {
  /**
   * Opens the whole object unless it still has the entity tag given (RFC 9110 §13.1.2): then gives the headers of the store's 304.
   * @throws StoreError
   */
  openChanged(
    request: { key: string; ifNoneMatch: string },
    operation: Operation,
  ): Promise<{ changed: true; object: StoredObject } | { changed: false; headers: StoreHeaders }>;
}

/** An object source over the store's REST API. Bodies that break off are mended, see `mendBody`;
 * `onResume` is told of each that was. */
export function createObjectSource(client: StoreClient, onResume: () => void = () => {}): RevalidatingSource {
  async function open(request: ObjectRequest, operation: Operation): Promise<StoredObject> {
    let response: StoreResponse;
    try {
      response = await client.send(toStoreRequest(request), operation);
    } catch (error) {
      if (request.method === 'GET' || !isBare(error)) throw error;
      const diagnosis = await openFirstByte(request, operation);
      if (diagnosis) return diagnosis;
      response = await client.send(toStoreRequest(request), operation);
    }
    const object = describeObject(response);
    if (!isWhatWasAsked(object, request.range)) distrust(object.body, 'BadContentRange');
    if (request.ifMatch !== undefined && !hasTag(object, request.ifMatch))
      distrust(object.body, 'OtherVersion', 'changed');
    if (request.method === 'GET') mendBody(client, request, object, operation, onResume);
    return object;
  }

  /**
   * An error answer to HEAD has no body and so no code: one byte by GET tells a missing key from bad keys. Undefined for an empty
   * object, which has no first byte: by then the keys are good, so that HEAD may be tried again.
   */
  async function openFirstByte(
    request: ObjectRequest,
    operation: Operation,
  ): Promise<StoredObject | undefined> {
    const first = { ...request, method: 'GET', range: { first: 0, last: 0 } } as const;
    try {
      const object = describeObject(await client.send(toStoreRequest(first), operation));
      object.body.cancel();
      return { ...object, range: undefined };
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'range') return undefined;
      throw error;
    }
  }

  const openChanged: RevalidatingSource['openChanged'] = async ({ key, ifNoneMatch }, operation) => {
    const request: ObjectRequest = { key, method: 'GET' };
    const response = await client.send({ ...toStoreRequest(request), ifNoneMatch }, operation);
    if (response.status === 304) return { changed: false, headers: response.headers };
    const object = describeObject(response);
    if (!isWhatWasAsked(object, undefined)) distrust(object.body, 'BadContentRange');
    mendBody(client, request, object, operation, onResume);
    return { changed: true, object };
  };

  return { open, openChanged };
}

export function toStoreRequest({ key, method, range, ifMatch }: ObjectRequest): StoreRequest {
  return { method, range, ifMatch, path: `/${encodePath(key)}`, query: '' };
}

/**
 * Makes sense of a successful response.
 * @throws StoreError of kind protocol when size or range cannot be trusted: without a length that is announced and met, a
 * body that broke off would pass for a whole one
 */
export function describeObject(response: StoreResponse): StoredObject {
  const { status, headers, body } = response;
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 0) return distrust(body, 'NoContentLength');
  if (status !== 206) return { size: length, range: undefined, headers, body };
  const range = parseContentRange(headers['content-range']);
  if (!range || range.last - range.first + 1 !== length) return distrust(body, 'BadContentRange');
  return { size: range.size, range: { first: range.first, last: range.last }, headers, body };
}

/** A store may ignore a range, but must not choose another one. */
function isWhatWasAsked({ range, size }: StoredObject, asked: RangeSpec | undefined): boolean {
  if (range === undefined) return true;
  const [expected] = asked === undefined ? [] : satisfiableRanges([asked], size);
  return range.first === expected?.first && range.last === expected.last;
}

/** A store may know nothing of If-Match, but must not pass one version's bytes for another's. */
export function hasTag({ headers }: StoredObject, opaque: string): boolean {
  const tag = parseEntityTag(headers.etag);
  return tag !== undefined && !tag.weak && tag.opaque === opaque;
}

function distrust(body: Body, code: string, kind: 'protocol' | 'changed' = 'protocol'): never {
  body.cancel();
  throw new StoreError(kind, code);
}

function isBare(error: unknown): boolean {
  return error instanceof StoreError && error.code.startsWith('HTTP4');
}
