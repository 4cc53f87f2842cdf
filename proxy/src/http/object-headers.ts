import type { StoreHeaders } from '../s3/transport/response-head.ts';
import type { Validators } from './conditions.ts';

/** Representation metadata relayed from the store (RFC 9110 §8): everything else, x-amz-* above all, stays inside. */
const RELAYED = [
  ['etag', 'ETag'],
  ['last-modified', 'Last-Modified'],
  ['cache-control', 'Cache-Control'],
  ['content-disposition', 'Content-Disposition'],
  ['content-encoding', 'Content-Encoding'],
  ['content-language', 'Content-Language'],
  ['expires', 'Expires'],
] as const;

/** RFC 9110 §5.5: visible characters, spaces, tabs and obs-text. Anything else from the store is dropped, not relayed. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The validators of an object as the store gave them. */
export function validatorsOf(stored: StoreHeaders): Validators {
  return { etag: stored.etag, lastModified: stored['last-modified'] };
}

/** Headers that describe an object, for 200, 206 and 304, as alternating names and values. */
export function objectHeaders(stored: StoreHeaders): string[] {
  const headers: string[] = ['Accept-Ranges', 'bytes'];
  for (const [name, written] of RELAYED) {
    const value = stored[name];
    if (value !== undefined && FIELD_VALUE.test(value)) headers.push(written, value);
  }
  return headers;
}

/** Content-Type of an object; a 304 has none. */
export function contentType(stored: StoreHeaders): string {
  const value = stored['content-type'];
  return value !== undefined && FIELD_VALUE.test(value) ? value : 'application/octet-stream';
}
