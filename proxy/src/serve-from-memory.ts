import type { RecalledObject } from './cache/cached-source.ts';
import type { Candidate } from './content/variants.ts';
import { isConditional, rangeApplies } from './http/conditions.ts';
import { merge } from './http/field-lines.ts';
import { objectHeaders, validatorsOf } from './http/object-headers.ts';
import { parseRange, type RangeSpec, satisfiableRanges } from './http/range.ts';
import type { RequestContext } from './request-context.ts';
import { Body } from './s3/body.ts';
import type { StoredObject } from './s3/object-source.ts';
import {
  answerConditions,
  answerRedirect,
  isAnySuffix,
  respondUnsatisfiable,
  type Site,
  sendObject,
} from './serve-object.ts';

/**
 * Answers a GET or HEAD at once, if what the path stands for in the first place is in memory. False: nothing was done, because the store has to be asked or
 * the answer has several parts. The answers are those of `servePath`, which needs a dozen promises for one.
 */
export function serveFromMemory(context: RequestContext, site: Site): boolean {
  const { method, path, request, operation } = context;
  const { cache, policy, prefix, variants } = site;
  if (!cache) return false;
  const isDirectory = path === '' || path.endsWith('/');
  const { indexDocument } = policy.config;
  if (isDirectory && indexDocument === undefined) return false;
  const ranges = method === 'GET' ? parseRange(request.headers.range) : undefined;
  if (ranges !== undefined && ranges.length > 1) return false;

  const relative = isDirectory ? path + indexDocument : path;
  const [candidate] = variants.candidates(relative, prefix + relative, request.headers);
  const recalled = candidate && cache.recall(candidate.key, operation);
  if (!recalled) return false;
  context.path = relative;
  if (isPlain(context, site)) sendWhole(context, site, candidate, recalled);
  else answer(context, site, candidate, recalled, ranges?.[0]);
  return true;
}

/** Whether a request gets all of an object, whatever the object is. */
function isPlain({ method, request: { headers } }: RequestContext, { policy }: Site): boolean {
  return (
    method === 'GET' &&
    headers.range === undefined &&
    !isConditional(headers) &&
    !policy.config.websiteRedirects
  );
}

/** The answer that is given most often: neither its headers nor its body are made anew. */
function sendWhole(
  { response, path, extraHeaders }: RequestContext,
  { policy }: Site,
  { variant }: Candidate,
  { kept, age }: RecalledObject,
): void {
  let { presentation } = kept;
  // An object stands for a path in one way only, plain or as a variant.
  if (presentation?.age !== age || presentation.path !== path) {
    const fields = objectHeaders({ headers: kept.headers, age }, path, variant, policy);
    fields.push('Content-Length', String(kept.size));
    presentation = { path, age, fields };
    kept.presentation = presentation;
  }
  const { fields } = presentation;
  response.writeHead(200, extraHeaders.length === 0 ? fields : merge(fields, extraHeaders));
  response.end(kept.payload(), 'latin1');
}

function answer(
  context: RequestContext,
  site: Site,
  candidate: Candidate,
  { kept, age }: RecalledObject,
  asked: RangeSpec | undefined,
): void {
  const { headers } = context.request;
  const { size } = kept;
  const whole: StoredObject = {
    size,
    range: undefined,
    headers: kept.headers,
    body: kept.read(0, size),
    age,
  };
  if (answerRedirect(context, site, whole)) return;
  if (isConditional(headers) && answerConditions(context, site, whole)) return;
  const range = rangeApplies(headers, validatorsOf(kept.headers)) ? asked : undefined;
  const part = range && satisfiableRanges([range], size)[0];
  if (part) {
    const body = Body.whole(kept.slice(part.first, part.last + 1));
    sendObject(context, site, candidate, { ...whole, range: part, body });
  } else if (range && !(size === 0 && isAnySuffix(range))) {
    respondUnsatisfiable(context, size);
  } else {
    sendObject(context, site, candidate, whole);
  }
}
