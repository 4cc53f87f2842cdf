/** Time, as everything in the runtime sees it: tests bring their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. For time stamps. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps. For durations. */
  elapsed(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive on their own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
