/** One range-spec of a Range header (RFC 9110 §14.1.2), in bytes. */
export type RangeSpec = { first: number; last: number | undefined } | { suffix: number };

/** A range of an actual representation: first and last byte position, both inclusive. */
export interface ByteRange {
  first: number;
  last: number;
}

/** More ranges than this in one request are not worth their cost (RFC 9110 §14.2); the header is then ignored. */
const MAX_RANGES = 32;

const BYTES_UNIT = /^bytes=/i;
const SPEC = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * Reads a Range header. Undefined means that it is to be ignored (RFC 9110 §14.2): no header, another unit, malformed,
 * last before first, or more than 32 ranges.
 */
export function parseRange(header: string | undefined): RangeSpec[] | undefined {
  if (header === undefined || !BYTES_UNIT.test(header)) return undefined;
  const specs: RangeSpec[] = [];
  for (const item of header.slice(6).split(',')) {
    const text = item.replace(/^[\t ]+|[\t ]+$/g, '');
    if (text === '') continue;
    const match = SPEC.exec(text);
    if (!match || specs.length === MAX_RANGES) return undefined;
    if (match[3] !== undefined) {
      specs.push({ suffix: position(match[3]) });
      continue;
    }
    const first = position(match[1] ?? '');
    const last = match[2] ? position(match[2]) : undefined;
    if (last !== undefined && last < first) return undefined;
    specs.push({ first, last });
  }
  return specs.length > 0 ? specs : undefined;
}

/** The parts of a representation of `size` bytes that a set of ranges selects, in request order; empty: 416. */
export function satisfiableRanges(specs: readonly RangeSpec[], size: number): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    if ('suffix' in spec) {
      if (spec.suffix > 0 && size > 0)
        ranges.push({ first: Math.max(0, size - spec.suffix), last: size - 1 });
    } else if (spec.first < size) {
      ranges.push({ first: spec.first, last: Math.min(spec.last ?? size - 1, size - 1) });
    }
  }
  return ranges;
}

/**
 * Joins overlapping and touching ranges (RFC 9110 §15.3.7.2 allows it), so that no byte is sent twice. Ranges that are apart stay
 * in the order they were asked for.
 */
export function coalesceRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges) {
    let { first, last } = range;
    for (let i = joined.length - 1; i >= 0; i--) {
      const other = joined[i];
      if (other === undefined || first > other.last + 1 || last < other.first - 1) continue;
      first = Math.min(first, other.first);
      last = Math.max(last, other.last);
      joined.splice(i, 1);
      i = joined.length;
    }
    joined.push({ first, last });
  }
  return joined;
}

/** The Range header for one spec, as sent to the store. */
export function formatRange(spec: RangeSpec): string {
  if ('suffix' in spec) return `bytes=-${spec.suffix}`;
  return `bytes=${spec.first}-${spec.last ?? ''}`;
}

/** Reads the Content-Range of a 206; undefined when malformed, of unknown size or past it. */
export function parseContentRange(header: string | undefined): (ByteRange & { size: number }) | undefined {
  const match = header === undefined ? null : /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header);
  if (!match) return undefined;
  const [first, last, size] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return first <= last && last < size ? { first, last, size } : undefined;
}

/** Positions past 2^53 lie beyond any object, so they are cut to a number that stays exact. */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}
