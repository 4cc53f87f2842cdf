import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
/** What the kubelet wants in its group under cgroup v2, as far as the kernel has it. */
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'hugetlb'];
const REMOVE_MS = 5_000;

/**
 * Makes the node's own group in every hierarchy (cgroup v1), or in the one there is (v2).
 * @throws Error where v2 does not let the group have what the kubelet needs
 */
export async function createCgroups(name: string): Promise<void> {
  const { version, paths } = await hierarchies();
  if (version === 2) await delegateControllers();
  for (const hierarchy of paths) await mkdir(join(hierarchy, name), { recursive: true });
}

/** Removes the node's groups with all below, whose processes must be gone. What cannot be removed is left. */
export async function removeCgroups(name: string): Promise<void> {
  const { paths } = await hierarchies();
  const deadline = performance.now() + REMOVE_MS;
  for (const hierarchy of paths) {
    while (!(await removeTree(join(hierarchy, name))) && performance.now() < deadline) await sleep(50);
  }
}

async function hierarchies(): Promise<{ version: 1 | 2; paths: string[] }> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'cgroup.controllers')) return { version: 2, paths: [ROOT] };
  const paths = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, name));
  return { version: 1, paths };
}

/** cgroups(7): a group has the controllers that its parent hands down, and only those. */
async function delegateControllers(): Promise<void> {
  const words = async (file: string): Promise<string[]> =>
    (await readFile(join(ROOT, file), 'utf8')).trim().split(/\s+/);
  const [there, handedDown] = [await words('cgroup.controllers'), await words('cgroup.subtree_control')];
  for (const controller of CONTROLLERS) {
    if (!there.includes(controller) || handedDown.includes(controller)) continue;
    await writeFile(join(ROOT, 'cgroup.subtree_control'), `+${controller}`).catch((cause) => {
      throw new Error(
        `the cgroup controller "${controller}" cannot be handed down in ${ROOT} (${cause.code}). ` +
          'In a container, start it with processes in a group below the root only, as an init system does',
        { cause },
      );
    });
  }
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
