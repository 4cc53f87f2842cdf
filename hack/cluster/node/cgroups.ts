import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';

/** Makes the node's own group in every hierarchy (cgroup v1), or in the one there is (v2). */
export async function createCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true });
}

/** Removes the node's groups with all below, whose processes must be gone. What cannot be removed is left. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if (await removeTree(join(hierarchy, name))) break;
      await sleep(100);
    }
  }
}

async function hierarchies(): Promise<string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'cgroup.controllers')) return [ROOT];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, name));
}

async function removeTree(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return true;
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  return rmdir(path).then(
    () => true,
    () => false,
  );
}
