import type { Clock } from './clock.ts';

export interface TokenBucketsOptions {
  clock: Clock;
  /** Tokens in a full bucket. */
  burst: number;
  /** Time for one token to come back, in milliseconds. */
  refillMs: number;
  /** Buckets remembered; the longest unused is forgotten, that is, full again. */
  maxBuckets: number;
}

/** A rate limit for each of many names. */
export interface TokenBuckets {
  /** Whether there was a token left. */
  take(name: string): boolean;
}

export function createTokenBuckets({
  clock,
  burst,
  refillMs,
  maxBuckets,
}: TokenBucketsOptions): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(name) {
      const now = clock.elapsed();
      const bucket = buckets.get(name) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
      bucket.at = now;
      buckets.delete(name);
      buckets.set(name, bucket);
      for (const oldest of buckets.keys()) {
        if (buckets.size <= maxBuckets) break;
        buckets.delete(oldest);
      }
      if (bucket.tokens < 1) return false;
      bucket.tokens--;
      return true;
    },
  };
}
