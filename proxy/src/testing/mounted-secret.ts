import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MountedSecret {
  /** Path of a key's file, as a container sees it. */
  path(key: string): string;
  /** Replaces all content at once. */
  replace(content: Record<string, string>): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A Secret mounted the way the kubelet does it (its AtomicWriter): each file is a link through `..data`, a link to a folder of one
 * version, which is swapped for another by a rename. So the files never change, and neither do the links to them.
 */
export async function mountSecret(content: Record<string, string>): Promise<MountedSecret> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-secret-'));
  let version = 0;
  let current = '';
  async function replace(next: Record<string, string>): Promise<void> {
    const folder = `..version_${++version}`;
    await mkdir(join(directory, folder));
    for (const [key, text] of Object.entries(next)) await writeFile(join(directory, folder, key), text);
    await symlink(folder, join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    if (current !== '') await rm(join(directory, current), { recursive: true });
    current = folder;
  }
  await replace(content);
  for (const key of Object.keys(content)) await symlink(join('..data', key), join(directory, key));
  return {
    path: (key) => join(directory, key),
    replace,
    remove: () => rm(directory, { recursive: true }),
  };
}
