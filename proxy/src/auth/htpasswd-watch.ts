import { readFile } from 'node:fs/promises';
import { type HtpasswdFile, parseHtpasswd } from './htpasswd.ts';

/** How often the file is looked at (milliseconds). Kubernetes swaps a symlink above it, which file watchers miss. */
const POLL_MS = 1_000;

/**
 * Calls back with each new content of an htpasswd file, by polling, until stopped. A file that cannot be read for a moment
 * leaves the users as they are.
 */
export function watchHtpasswd(
  path: string,
  current: string,
  onChange: (file: HtpasswdFile) => void,
  onError: (error: unknown) => void,
): { stop(): void } {
  let known = current;
  let failed = false;
  const timer = setInterval(async () => {
    try {
      const text = await readFile(path, 'utf8');
      failed = false;
      if (text === known) return;
      known = text;
      onChange(parseHtpasswd(text));
    } catch (error) {
      if (!failed) onError(error);
      failed = true;
    }
  }, POLL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
