/** One user's line of an htpasswd file. */
export interface HtpasswdEntry {
  user: string;
  hash: string;
}

/** What a file holds, and what is wrong with the lines that were left out: line numbers and reasons, never their content. */
export interface HtpasswdFile {
  hashes: ReadonlyMap<string, string>;
  faults: readonly string[];
}

const SUPPORTED = /^\$(?:2[abxy]|apr1|5|6)\$/;

/** Reads an htpasswd file: `user:hash` lines, comments and blank lines. The first of two lines for one user counts. */
export function parseHtpasswd(text: string): HtpasswdFile {
  const hashes = new Map<string, string>();
  const faults: string[] = [];
  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = rawLine.replace(/\r$/, '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const user = line.slice(0, Math.max(0, colon));
    const hash = line.slice(colon + 1).split(':')[0] ?? '';
    if (colon < 1) faults.push(`line ${index + 1} is not "user:hash"`);
    else if (!SUPPORTED.test(hash))
      faults.push(`line ${index + 1} has a hash that is not bcrypt, SHA-crypt or apr1`);
    else if (hashes.has(user)) faults.push(`line ${index + 1} names a user again`);
    else hashes.set(user, hash);
  }
  return { hashes, faults };
}
