import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { command } from '../command.ts';
import { say } from '../progress.ts';
import type { Release } from './tools.ts';

/** A release site that does not answer within this long counts as out of reach. Milliseconds. */
const REACH_TIMEOUT_MS = 4_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;

const reachable = new Map<string, Promise<boolean>>();

/** Whether a site answers at all; asked, and said if not, once for each. */
export function isReachable(origin: string): Promise<boolean> {
  const known = reachable.get(origin);
  if (known !== undefined) return known;
  const answer = probe(origin).then((problem) => {
    if (problem !== undefined) say(`${origin} is out of reach (${problem})`);
    return problem === undefined;
  });
  reachable.set(origin, answer);
  return answer;
}

/** Why a site is out of reach; undefined when it is not. */
async function probe(origin: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(REACH_TIMEOUT_MS);
  try {
    const { status } = await fetch(origin, { method: 'HEAD', redirect: 'manual', signal });
    // A registry asks who is there; a proxy that forbids the site answers 403, or 407.
    return status < 402 || status === 404 || status === 405 ? undefined : `it answered ${status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message || cause.name : message;
  }
}

/**
 * Writes a release's program to `target`.
 * @throws Error when the site refuses it or its SHA-256 is not the published one.
 */
export async function download(release: Release, target: string): Promise<void> {
  const [bytes, sums] = await Promise.all([get(release.url), get(release.sha256Url)]);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (!publishedSums(sums.toString(), basename(release.url)).includes(actual)) {
    throw new Error(`${release.url} has SHA-256 ${actual}, which ${release.sha256Url} does not name`);
  }
  if (release.member === undefined) return writeFile(target, bytes);
  const directory = await mkdtemp(join(dirname(target), '.unpack-'));
  try {
    await writeFile(join(directory, 'archive.tar.gz'), bytes);
    await command('tar', ['-xzf', join(directory, 'archive.tar.gz'), '-C', directory, release.member]);
    await rename(join(directory, release.member), target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The checksums that a `sha256sum` listing, or a lone checksum, gives for a file. */
export function publishedSums(text: string, file: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, name]) => name === undefined || name.replace(/^\*/, '').endsWith(file))
    .map(([sum = '']) => sum.toLowerCase())
    .filter((sum) => /^[0-9a-f]{64}$/.test(sum));
}

async function get(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
