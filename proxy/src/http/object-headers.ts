import { create as contentDisposition } from 'content-disposition';
import type { ContentPolicy } from '../content/policy.ts';
import type { Candidate } from '../content/variants.ts';
import type { StoredObject } from '../s3/object-source.ts';
import type { StoreHeaders } from '../s3/transport/response-head.ts';
import type { Validators } from './conditions.ts';
import { parseEntityTag } from './entity-tag.ts';
import { formatHttpDate, parseHttpDate } from './http-date.ts';

const IMF_FIXDATE_LENGTH = 'Sun, 06 Nov 1994 08:49:37 GMT'.length;

/** RFC 9110 §5.5: visible characters, spaces, tabs and obs-text. Anything else from the store is dropped, not relayed. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** An object as the store described it. */
export type Described = Pick<StoredObject, 'headers' | 'age'>;

/**
 * The validators of an object, as they are sent. What the store gives but RFC 9110 §8.8 does not allow is none; a date in the future by our
 * clock becomes the present (§8.8.2.1).
 * @param now milliseconds since the epoch
 */
export function validatorsOf(stored: StoreHeaders, now = Date.now()): Validators {
  const { etag, 'last-modified': date } = stored;
  return {
    etag: parseEntityTag(etag) && etag,
    lastModified: date === undefined ? undefined : sentDate(date, now),
  };
}

/** The date that was last seen to be in the form of today, and in the past: many requests are for few objects. */
let knownDate = '';
let knownSince = Number.POSITIVE_INFINITY;

function sentDate(date: string, now: number): string | undefined {
  if (date === knownDate && now >= knownSince) return date;
  const instant = parseHttpDate(date, now);
  if (instant === undefined) return undefined;
  // Nearly every date is in the form of today already.
  if (instant > now || date.length !== IMF_FIXDATE_LENGTH) return formatHttpDate(Math.min(instant, now));
  knownDate = date;
  knownSince = instant;
  return date;
}

/**
 * Headers that a 304 shares with the 200 it stands for (RFC 9110 §15.4.5), as alternating names and values.
 * @param path decoded, without its first slash
 */
export function validationHeaders(
  { headers: stored, age }: Described,
  path: string,
  policy: ContentPolicy,
): string[] {
  const headers: string[] = [];
  const { etag, lastModified } = validatorsOf(stored);
  const own = stored['cache-control'];
  const cacheControl = policy.cacheControl(path, own);
  relay(headers, 'ETag', etag);
  relay(headers, 'Last-Modified', lastModified);
  relay(headers, 'Cache-Control', cacheControl);
  relay(headers, 'Expires', stored.expires);
  // RFC 9111 §4: what comes from memory says how old it is. A lifetime that the proxy itself gives begins now.
  if (age !== undefined && cacheControl === own) headers.push('Age', String(age));
  if (policy.isPrecompressed(path)) headers.push('Vary', 'Accept-Encoding');
  return headers;
}

/**
 * Headers that describe an object, for 200 and 206. Only representation metadata (RFC 9110 §8) and allowed user metadata is relayed:
 * everything else of the store stays inside.
 */
export function objectHeaders(
  object: Described,
  path: string,
  variant: Candidate['variant'],
  policy: ContentPolicy,
): string[] {
  const { headers: stored } = object;
  const headers = validationHeaders(object, path, policy);
  headers.push('Accept-Ranges', 'bytes', 'Content-Type', variant?.contentType ?? contentType(stored));
  relay(headers, 'Content-Encoding', variant?.encoding ?? stored['content-encoding']);
  relay(headers, 'Content-Language', stored['content-language']);
  const disposition = stored['content-disposition'];
  if (disposition === undefined && policy.isDownload(path)) {
    headers.push('Content-Disposition', contentDisposition(path.slice(path.lastIndexOf('/') + 1)));
  } else {
    relay(headers, 'Content-Disposition', disposition);
  }
  for (const name of policy.config.metadata)
    relay(headers, `x-amz-meta-${name}`, stored[`x-amz-meta-${name}`]);
  return headers;
}

/** Content-Type of an object as the store has it. */
export function contentType(stored: StoreHeaders): string {
  const value = stored['content-type'];
  return value !== undefined && FIELD_VALUE.test(value) ? value : 'application/octet-stream';
}

/** Adds a header of the store's, if it has a value that may be sent. */
export function relay(headers: string[], name: string, value: string | undefined): void {
  if (value !== undefined && FIELD_VALUE.test(value)) headers.push(name, value);
}
