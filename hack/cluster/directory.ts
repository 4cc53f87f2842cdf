import { mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HIDDEN } from './node/host-view.ts';

/** What says that a directory is a cluster's. */
const MARK = 'machine.json';
const LOCK = 'start.lock';

/** All that a cluster keeps in its directory. What else is there belongs to somebody else. */
const OWN_FILES = [
  ...['etcd', 'kubectl-cache', 'logs', 'node', 'pki', 'pod-logs', 's3'],
  ...['audit-policy.json', 'boot.log', 'ports.json', LOCK],
  ...['controller-manager.conf', 'kube-proxy.conf', 'kubeconfig', 'kubelet.conf', 'scheduler.conf'],
  // Last: as long as it is there, the rest is known to be a cluster's.
  MARK,
];

/**
 * Makes a cluster's directory, or finds it. Gives its real path.
 * @throws Error where somebody else's files are in it, or it is where a machine cannot see it
 */
export async function prepareDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  const directory = await realpath(path);
  const hidden = HIDDEN.find((each) => directory === each || directory.startsWith(`${each}/`));
  if (hidden !== undefined) throw new Error(`a cluster's directory cannot be below ${hidden}: ${directory}`);
  const others = (await readdir(directory)).filter((name) => name !== LOCK);
  if (others.length > 0 && !others.includes(MARK)) {
    throw new Error(`${directory} is not empty and holds no cluster; name a directory of the cluster's own`);
  }
  return directory;
}

/** Removes a cluster's files, and the directory if nothing else is in it. */
export async function removeOwnFiles(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((): string[] => []);
  for (const name of entries.includes(MARK) ? OWN_FILES : [LOCK]) {
    await rm(join(directory, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  await rmdir(directory).catch(() => undefined);
}
