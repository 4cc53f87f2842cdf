import type { IncomingHttpHeaders } from 'node:http';
import { type EntityTag, parseEntityTag, parseEntityTagList, strongMatch, weakMatch } from './entity-tag.ts';
import { parseHttpDate } from './http-date.ts';

/** What identifies the selected representation: raw ETag and Last-Modified values, as they are sent. */
export interface Validators {
  etag: string | undefined;
  lastModified: string | undefined;
}

/** True when the request carries a precondition or If-Range, so that validators are needed before an answer. */
export function isConditional(headers: IncomingHttpHeaders): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-match'] !== undefined ||
    headers['if-unmodified-since'] !== undefined ||
    (headers['if-range'] !== undefined && headers.range !== undefined)
  );
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2. Only for a representation that exists:
 * a request that would fail anyway ignores its preconditions (§13.2.1).
 */
export function evaluatePreconditions(
  headers: IncomingHttpHeaders,
  validators: Validators,
): 'proceed' | 'not-modified' | 'failed' {
  const etag = parseEntityTag(validators.etag);
  const modified = instant(validators.lastModified);

  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!anyTag(ifMatch, etag, strongMatch)) return 'failed';
  } else {
    const ifUnmodifiedSince = instant(headers['if-unmodified-since']);
    if (ifUnmodifiedSince !== undefined && modified !== undefined && modified > ifUnmodifiedSince)
      return 'failed';
  }

  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) return anyTag(ifNoneMatch, etag, weakMatch) ? 'not-modified' : 'proceed';
  const ifModifiedSince = instant(headers['if-modified-since']);
  if (ifModifiedSince !== undefined && modified !== undefined && modified <= ifModifiedSince)
    return 'not-modified';
  return 'proceed';
}

/**
 * Whether Range applies (RFC 9110 §13.1.5): no If-Range, or one whose validator is strong and exactly the current one.
 * @param now milliseconds since the epoch; a Last-Modified less than a second old is not a strong validator (§8.8.2.2)
 */
export function rangeApplies(
  headers: IncomingHttpHeaders,
  validators: Validators,
  now = Date.now(),
): boolean {
  const ifRange = headers['if-range'];
  if (ifRange === undefined) return true;
  if (typeof ifRange !== 'string') return false;
  const tag = parseEntityTag(ifRange);
  if (tag) {
    const current = parseEntityTag(validators.etag);
    return current !== undefined && strongMatch(tag, current);
  }
  const date = instant(ifRange);
  const modified = instant(validators.lastModified);
  return date !== undefined && date === modified && now - date >= 1000;
}

function anyTag(
  header: string,
  current: EntityTag | undefined,
  matches: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  const tags = parseEntityTagList(header);
  if (tags === '*') return true;
  return current !== undefined && tags.some((tag) => matches(tag, current));
}

function instant(date: string | undefined): number | undefined {
  return date === undefined ? undefined : parseHttpDate(date);
}
