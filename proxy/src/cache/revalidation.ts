import { parseHttpDate } from '../http/http-date.ts';
import { isTransient, StoreError } from '../s3/store-error.ts';
import type { StoreHeaders } from '../s3/transport/response-head.ts';

/**
 * The entity tag with which to ask whether an object has changed; undefined when no tag can tell. S3's tags tell of the bytes only, so a change of the
 * metadata shows in Last-Modified alone, and that counts in seconds: an object that was read in the second in which it was written may have been written
 * once more since (RFC 9110 §8.8.2.2).
 */
export function tagToAskWith({ etag, date, 'last-modified': modified }: StoreHeaders): string | undefined {
  if (modified === undefined) return etag;
  const readAt = date === undefined ? undefined : parseHttpDate(date);
  const modifiedAt = parseHttpDate(modified);
  const isSettled = readAt !== undefined && modifiedAt !== undefined && readAt > modifiedAt;
  return isSettled ? etag : undefined;
}

/** Whether both describe one version of an object, metadata included. */
export function isSameVersion(a: StoreHeaders, b: StoreHeaders): boolean {
  return a['last-modified'] === b['last-modified'] && a.etag === b.etag;
}

/**
 * Whether the store could not be asked: not reached, too slow, too busy or broken. Only such a failure may be bridged by what is in memory. That an object is gone,
 * archived or denied, or that our keys are refused, is an answer.
 */
export function isFailureOfStore(error: unknown): boolean {
  return error instanceof StoreError && isTransient(error.kind);
}
