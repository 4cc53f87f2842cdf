import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what was downloaded or built is kept between runs, for all checkouts of one user. */
export function cacheDirectory(...path: string[]): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 's3proxy', ...path);
}

/** This machine's processor as Go and Kubernetes name it. */
export function architecture(): 'amd64' | 'arm64' {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`the local cluster runs on x64 and arm64 machines; this one is ${process.arch}`);
}
