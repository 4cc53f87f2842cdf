import { parseCacheControl } from '../http/cache-control.ts';
import { parseHttpDate } from '../http/http-date.ts';
import type { StoreHeaders } from '../s3/transport/response-head.ts';

/** What the configuration allows, in milliseconds. Both stale periods begin where the fresh one ends (RFC 5861 §3, §4). */
export interface FreshnessRules {
  fresh: number;
  staleWhileRevalidate: number;
  staleIfError: number;
}

/** Ages (milliseconds since the store last vouched for an object) up to which the object may be used. */
export interface Freshness {
  /** Without asking. */
  fresh: number;
  /** At once, while the store is asked in the background. */
  inBackground: number;
  /** When the store cannot be asked. */
  onError: number;
}

/**
 * How long an object may be used, by the configuration and by its own headers, which can only shorten it (RFC 9111 §4.2.1): s-maxage,
 * max-age, Expires, no-cache; with must-revalidate, proxy-revalidate or s-maxage it is never used stale (§4.2.4).
 * @param now milliseconds since the epoch, for stores that send no Date
 * @returns undefined when it must not be kept: no-store and private are for every memory but the reader's own
 */
export function freshnessOf(
  headers: StoreHeaders,
  rules: FreshnessRules,
  now = Date.now(),
): Freshness | undefined {
  const directives = parseCacheControl(headers['cache-control']);
  if (directives.has('no-store') || directives.has('private')) return undefined;
  if (directives.has('no-cache')) return { fresh: 0, inBackground: 0, onError: 0 };
  const shared = lifetimeIn(directives, 's-maxage');
  const own =
    shared ?? lifetimeIn(directives, 'max-age') ?? lifetimeByDate(headers, now) ?? Number.POSITIVE_INFINITY;
  const fresh = Math.min(rules.fresh, own);
  if (shared !== undefined || directives.has('must-revalidate') || directives.has('proxy-revalidate'))
    return { fresh, inBackground: fresh, onError: fresh };
  return {
    fresh,
    inBackground: fresh + rules.staleWhileRevalidate,
    onError: fresh + rules.staleIfError,
  };
}

/** RFC 9111 §4.2.1: a lifetime that is no number counts as over. */
function lifetimeIn(directives: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = directives.get(name);
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) ? Number(value) * 1000 : 0;
}

/** RFC 9111 §5.3: a date that is none, above all "0", lies in the past. */
function lifetimeByDate({ expires, date }: StoreHeaders, now: number): number | undefined {
  if (expires === undefined) return undefined;
  const end = parseHttpDate(expires);
  const start = date === undefined ? undefined : parseHttpDate(date);
  return end === undefined ? 0 : Math.max(0, end - (start ?? now));
}

/** After the store failed to vouch for an object, the next question about it comes no sooner than this (milliseconds). */
export const RETRY_AFTER_MS = 5_000;

/**
 * What may be done with an object: use it without a question (`fresh`, or `resting` when it is stale and the store has just failed), use it and ask
 * in the background, or ask first. A store that failed is believed to be down for twice the time after which it is asked again, and for as long
 * as that question takes: so readers do not wait for its timeouts one after the other.
 * @param now monotonic, in milliseconds, as both instants are
 * @param asking whether the store is being asked in the background
 */
export function standingOf(
  object: { freshness: Freshness; validatedAt: number; failedAt: number | undefined },
  now: number,
  asking: boolean,
): 'fresh' | 'resting' | 'background' | 'ask' {
  const { freshness, validatedAt, failedAt } = object;
  const age = now - validatedAt;
  if (age < freshness.fresh) return 'fresh';
  const sinceFailure = failedAt === undefined ? Number.POSITIVE_INFINITY : now - failedAt;
  const down = failedAt !== undefined && (asking || sinceFailure < 2 * RETRY_AFTER_MS);
  if (!(age < freshness.inBackground || (down && age < freshness.onError))) return 'ask';
  return sinceFailure < RETRY_AFTER_MS ? 'resting' : 'background';
}
