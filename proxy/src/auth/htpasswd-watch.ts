import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type HtpasswdFile, parseHtpasswd } from './htpasswd.ts';

/** How often the file is looked at (milliseconds). Kubernetes swaps a symlink above it, which file watchers miss. */
const POLL_MS = 1_000;

export interface HtpasswdEvents {
  /** The file has new content. */
  onChange(file: HtpasswdFile): void;
  /** It cannot be read; told once, until it can be again. The users known so far stay. */
  onError(error: unknown): void;
}

/**
 * Reads an htpasswd file and goes on watching it, by polling, until stopped.
 * @throws Error when the file cannot be read now
 */
export function watchHtpasswd(
  path: string,
  events: HtpasswdEvents,
  pollMs = POLL_MS,
): { initial: HtpasswdFile; stop(): void } {
  let known = readFileSync(path, 'utf8');
  let failing = false;
  let reading = false;
  const timer = setInterval(async () => {
    // A slow read must not end after a later one and bring old users back.
    if (reading) return;
    reading = true;
    try {
      const text = await readFile(path, 'utf8');
      failing = false;
      if (text === known) return;
      known = text;
      events.onChange(parseHtpasswd(text));
    } catch (error) {
      if (!failing) events.onError(error);
      failing = true;
    } finally {
      reading = false;
    }
  }, pollMs).unref();
  return { initial: parseHtpasswd(known), stop: () => clearInterval(timer) };
}
