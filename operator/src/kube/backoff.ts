export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** In [0, 1). */
  random: () => number;
}

/**
 * Delay before retry number `failures` (0 for the first) in milliseconds: doubles from `baseMs` up to `maxMs`, then is cut by a
 * random share of up to a half, so that many clients that failed together do not return together.
 */
export function backoffMs(failures: number, { baseMs, maxMs, random }: BackoffOptions): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 52));
  return full * (1 - random() / 2);
}

/** `value` spread evenly over ± `share` of itself. */
export function jittered(value: number, share: number, random: () => number): number {
  return value * (1 - share + 2 * share * random());
}
