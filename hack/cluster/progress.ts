/** Says what is being done, on stderr, so that stdout stays for results. */
export function say(message: string): void {
  process.stderr.write(`==> ${message}\n`);
}

/** Every so many milliseconds a long step says that it is still under way. */
const REPEAT_MS = 10_000;

/** Runs a step; while it takes long, says what it waits for, and at the end how long it took. */
export async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - start) / 1000)} s`;
  say(what);
  const timer = setInterval(() => say(`  still: ${what} (${seconds()})`), REPEAT_MS);
  timer.unref();
  try {
    const result = await run();
    if (performance.now() - start > 1_000) say(`  done in ${seconds()}: ${what}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
