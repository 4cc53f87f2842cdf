import type { CachedSource } from './cache/cached-source.ts';
import type { ContentPolicy } from './content/policy.ts';
import type { Candidate, Variants } from './content/variants.ts';
import { evaluatePreconditions, isConditional, rangeApplies } from './http/conditions.ts';
import { strongTag } from './http/entity-tag.ts';
import { addAbsent } from './http/field-lines.ts';
import { objectHeaders, validationHeaders, validatorsOf } from './http/object-headers.ts';
import { coalesceRanges, parseRange, type RangeSpec, satisfiableRanges } from './http/range.ts';
import type { RequestContext } from './request-context.ts';
import { respondError } from './respond-error.ts';
import type { ObjectLister } from './s3/object-lister.ts';
import type { ObjectSource, StoredObject } from './s3/object-source.ts';
import { StoreError } from './s3/store-error.ts';
import { sendBody } from './send-body.ts';
import { sendParts } from './send-parts.ts';

/** What is served: where from, and how it is presented. */
export interface Site {
  source: ObjectSource;
  /** The same as `source`, where objects are kept in memory. */
  cache: CachedSource | undefined;
  lister: ObjectLister;
  policy: ContentPolicy;
  variants: Variants;
  /** Key prefix put before every path. */
  prefix: string;
}

/**
 * Answers a GET or HEAD for one key (RFC 9110), by its best precompressed variant if there is one.
 * @throws StoreError, of kind not-found when there is no such key
 */
export async function serveObject(context: RequestContext, site: Site, key: string): Promise<void> {
  for (const candidate of site.variants.candidates(context.path, key, context.request.headers)) {
    if (await serveCurrentVersion(context, site, candidate)) return;
  }
}

/** How often an answer is begun anew because the object changed under it. */
const MAX_CHANGES = 3;

/**
 * An object that is replaced between two calls that belong together is no fault of the client's: all is decided again for its successor.
 * @returns false for a variant that is not there
 */
async function serveCurrentVersion(
  context: RequestContext,
  site: Site,
  candidate: Candidate,
): Promise<boolean> {
  for (let changes = 0; ; changes++) {
    try {
      await serveCandidate(context, site, candidate);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.kind === 'not-found' && candidate.variant) {
        site.variants.rememberMissing(candidate.key);
        return false;
      }
      if (error.kind !== 'changed' || changes === MAX_CHANGES || context.response.headersSent) throw error;
    }
  }
}

/**
 * A plain request is one call to the store, whose bytes go straight through. One with conditions or several ranges asks for metadata
 * first and decides here, because stores differ in what they make of conditions; what follows is pinned to that version.
 */
async function serveCandidate(context: RequestContext, site: Site, candidate: Candidate): Promise<void> {
  const { request, method, operation } = context;
  const { key } = candidate;
  let ranges = method === 'GET' ? parseRange(request.headers.range) : undefined;
  let ifMatch: string | undefined;

  if (isConditional(request.headers) || (ranges !== undefined && needsSize(ranges))) {
    const expectsBody = method === 'GET';
    const head = await site.source.open({ key, method: 'HEAD', expectsBody }, operation);
    if (answerRedirect(context, site, head) || answerConditions(context, site, head)) return;
    const validators = validatorsOf(head.headers);
    if (!rangeApplies(request.headers, validators)) ranges = undefined;
    ifMatch = strongTag(validators.etag);
    if (method === 'HEAD') {
      sendObject(context, site, candidate, head);
      return;
    }
    if (ranges !== undefined && needsSize(ranges)) {
      const parts = coalesceRanges(satisfiableRanges(ranges, head.size));
      if (parts.length === 0 && !ranges.some(isAnySuffix)) {
        respondUnsatisfiable(context, head.size);
        return;
      }
      if (parts.length > 1 && ifMatch !== undefined) {
        await sendParts(context, site, candidate, { head, parts, ifMatch });
        return;
      }
      ranges = parts.length === 1 ? parts : undefined;
    }
  }
  const object = await openRange(context, site, key, ranges?.[0], ifMatch);
  if (object) sendObject(context, site, candidate, object);
}

/** Several ranges, or one that selects nothing, are resolved here and not by the store. */
function needsSize(ranges: readonly RangeSpec[]): boolean {
  return ranges.length > 1 || ranges.some((spec) => 'suffix' in spec && spec.suffix === 0);
}

/** RFC 9110 §14.1.2: of an empty object, a suffix range is satisfiable though it has no position; it is answered by all of it. */
export function isAnySuffix(spec: RangeSpec): boolean {
  return 'suffix' in spec && spec.suffix > 0;
}

/** Sends 304 or 412 if the preconditions say so. */
export function answerConditions(context: RequestContext, site: Site, head: StoredObject): boolean {
  switch (evaluatePreconditions(context.request.headers, validatorsOf(head.headers))) {
    case 'not-modified': {
      const headers = validationHeaders(head, context.path, site.policy);
      addAbsent(headers, context.extraHeaders);
      context.response.writeHead(304, headers).end();
      return true;
    }
    case 'failed':
      respondError(context, { status: 412, message: 'Precondition Failed' });
      return true;
    default:
      return false;
  }
}

/** Sends 301 if the object stands for another place. That comes before conditions and ranges, which are about a 200 (RFC 9110 §13.2.1, §14.2). */
export function answerRedirect(
  context: RequestContext,
  { policy }: Site,
  { headers, body }: StoredObject,
): boolean {
  const location = policy.config.websiteRedirects ? headers['x-amz-website-redirect-location'] : undefined;
  if (location === undefined || !/^(?:\/|https?:\/\/)[\x21-\x7e]*$/.test(location)) return false;
  body.cancel();
  const lines = ['Location', location, 'Content-Length', '0'];
  addAbsent(lines, context.extraHeaders);
  context.response.writeHead(301, lines).end();
  return true;
}

/** Opens the object, or answers without one and gives undefined. */
async function openRange(
  context: RequestContext,
  site: Site,
  key: string,
  range: RangeSpec | undefined,
  ifMatch: string | undefined,
): Promise<StoredObject | undefined> {
  const { source } = site;
  const { method, operation } = context;
  try {
    return await source.open({ key, method, range, ifMatch }, operation);
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'range' && range !== undefined)) throw error;
    let size = error.actualSize;
    if (size === undefined || site.policy.config.websiteRedirects) {
      const head = await source.open({ key, method: 'HEAD' }, operation);
      if (answerRedirect(context, site, head)) return undefined;
      size = head.size;
    }
    if (size === 0 && isAnySuffix(range)) return source.open({ key, method, ifMatch }, operation);
    respondUnsatisfiable(context, size);
    return undefined;
  }
}

export function sendObject(
  context: RequestContext,
  site: Site,
  candidate: Candidate,
  object: StoredObject,
): void {
  if (answerRedirect(context, site, object)) return;
  const { response, method, path, extraHeaders } = context;
  const { size, range, body } = object;
  const headers = objectHeaders(object, path, candidate.variant, site.policy);
  headers.push('Content-Length', String(range ? range.last - range.first + 1 : size));
  if (range) headers.push('Content-Range', `bytes ${range.first}-${range.last}/${size}`);
  addAbsent(headers, extraHeaders);
  response.writeHead(range ? 206 : 200, headers);
  if (method === 'HEAD') response.end();
  else sendBody(response, body);
}

export function respondUnsatisfiable(context: RequestContext, size: number): void {
  respondError(context, { status: 416, message: 'Range Not Satisfiable' }, [
    'Content-Range',
    `bytes */${size}`,
  ]);
}
