/** Time, as everything in the runtime sees it: tests bring their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. For time stamps. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps. For durations. */
  elapsed(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Longest delay of a Node.js timer, in milliseconds: a longer one would be none. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Delays of more than 24 days are cut to that. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or as soon as `signal` aborts: the caller looks at the signal. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.schedule(delayMs, wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
