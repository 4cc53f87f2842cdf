/**
 * What RFC 9110 asks of an origin server for GET and HEAD of one object, written from its text and independent of the proxy. Requests are
 * described by what they mean, so that nothing here reads header syntax.
 */

export interface Tag {
  weak: boolean;
  opaque: string;
}

/** A condition by entity tags: any object, some tags, or text that is no tag. */
export type TagCondition = '*' | Tag[] | { malformed: string };

/** A condition by date: seconds before (negative) or after the object's, or text that is no date. */
export type DateCondition = { offset: number } | { malformed: string };

export type RangeSpec = { first: number; last?: number } | { suffix: number };

export interface Conditions {
  ifMatch?: TagCondition | undefined;
  ifNoneMatch?: TagCondition | undefined;
  ifModifiedSince?: DateCondition | undefined;
  ifUnmodifiedSince?: DateCondition | undefined;
  ifRange?: { tag: Tag } | DateCondition | undefined;
  range?: RangeSpec[] | { malformed: string } | undefined;
}

/** An object with a strong entity tag, older than a second. */
export interface Representation {
  opaque: string;
  bytes: Buffer;
}

export type Expected =
  | { status: 200 }
  | { status: 206; parts: { first: number; last: number }[] }
  | { status: 304 }
  | { status: 412 }
  | { status: 416 };

export function expectedAnswer(
  method: 'GET' | 'HEAD',
  request: Conditions,
  { opaque, bytes }: Representation,
): Expected {
  // §13.2.2 step 1 and 2
  const { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince } = request;
  if (ifMatch !== undefined) {
    // §13.1.1: strong comparison
    if (!holds(ifMatch, (tag) => !tag.weak && tag.opaque === opaque)) return { status: 412 };
  } else if (ifUnmodifiedSince !== undefined && 'offset' in ifUnmodifiedSince) {
    // §13.1.4
    if (ifUnmodifiedSince.offset < 0) return { status: 412 };
  }
  // step 3 and 4
  if (ifNoneMatch !== undefined) {
    // §13.1.2: weak comparison
    if (holds(ifNoneMatch, (tag) => tag.opaque === opaque)) return { status: 304 };
  } else if (ifModifiedSince !== undefined && 'offset' in ifModifiedSince) {
    // §13.1.3
    if (ifModifiedSince.offset >= 0) return { status: 304 };
  }
  // step 5; §14.2: Range is for GET alone
  const { range, ifRange } = request;
  if (method === 'HEAD' || range === undefined || !Array.isArray(range)) return { status: 200 };
  // §13.1.5: strong comparison, or the very same date
  if (ifRange !== undefined) {
    if ('tag' in ifRange && (ifRange.tag.weak || ifRange.tag.opaque !== opaque)) return { status: 200 };
    if ('malformed' in ifRange || ('offset' in ifRange && ifRange.offset !== 0)) return { status: 200 };
  }
  return byRange(range, bytes.length);
}

function byRange(specs: RangeSpec[], size: number): Expected {
  // §14.1.1: a last before the first makes the whole set invalid, so it is ignored
  if (specs.some((spec) => 'first' in spec && spec.last !== undefined && spec.last < spec.first))
    return { status: 200 };
  // §14.2, §17.15: many small ranges may be ignored. Ours is 32.
  if (specs.length > 32) return { status: 200 };
  const wanted = specs.flatMap((spec) => resolve(spec, size));
  if (wanted.length === 0) {
    // §14.1.2: a suffix of an empty object is satisfiable, and there is no Content-Range that could say so
    const satisfiable = size === 0 && specs.some((spec) => 'suffix' in spec && spec.suffix > 0);
    return { status: satisfiable ? 200 : 416 };
  }
  return { status: 206, parts: join(wanted) };
}

function resolve(spec: RangeSpec, size: number): { first: number; last: number }[] {
  if ('suffix' in spec) {
    if (spec.suffix === 0 || size === 0) return [];
    return [{ first: spec.suffix >= size ? 0 : size - spec.suffix, last: size - 1 }];
  }
  if (spec.first >= size) return [];
  return [{ first: spec.first, last: spec.last === undefined || spec.last >= size ? size - 1 : spec.last }];
}

/** §15.3.7.2: overlapping and adjacent ranges are sent once. By marking bytes, the dull way; the order is that of the positions. */
function join(ranges: { first: number; last: number }[]): { first: number; last: number }[] {
  const marked = new Set<number>();
  for (const { first, last } of ranges) for (let at = first; at <= last; at++) marked.add(at);
  const parts: { first: number; last: number }[] = [];
  for (const at of [...marked].toSorted((a, b) => a - b)) {
    const current = parts.at(-1);
    if (current && current.last === at - 1) current.last = at;
    else parts.push({ first: at, last: at });
  }
  return parts;
}

function holds(condition: TagCondition, matches: (tag: Tag) => boolean): boolean {
  if (condition === '*') return true;
  return Array.isArray(condition) && condition.some(matches);
}
