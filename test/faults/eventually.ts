import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 100;

/**
 * Asks again and again until the answer is true.
 * @throws Error that names what was waited for and the last failure
 */
export async function eventually(what: string, limitMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    let failure: unknown;
    try {
      if (await ask()) return;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`, { cause: failure });
    await sleep(INTERVAL_MS);
  }
}
