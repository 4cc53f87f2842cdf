import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on, running due timers in order, with everything they set off. */
  advance(ms: number): Promise<void>;
  /** Timers set and not yet run. */
  readonly pending: number;
}

/** Lets every promise reaction that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
}

/** A clock that stands still until told to move. Starts at 2026-01-01T00:00:00Z. */
export function manualClock(): ManualClock {
  const epoch = Date.UTC(2026, 0, 1);
  const timers = new Set<{ at: number; run: () => void }>();
  let elapsed = 0;
  return {
    now: () => epoch + elapsed,
    elapsed: () => elapsed,
    schedule(delayMs, callback) {
      const timer = { at: elapsed + Math.max(0, delayMs), run: callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        elapsed = Math.max(elapsed, due.at);
        due.run();
        await settle();
      }
      elapsed = end;
    },
    get pending() {
      return timers.size;
    },
  };
}
