import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until `probe` gives something, and returns it with the milliseconds that took.
 * @throws Error that says what was waited for.
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false>,
): Promise<{ value: T; tookMs: number }> {
  const start = performance.now();
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return { value, tookMs: performance.now() - start };
    } catch (error) {
      last = error;
    }
    if (performance.now() - start > timeoutMs) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: last });
    }
    await sleep(100);
  }
}
