import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { say, step } from '../progress.ts';
import { buildFromModule } from './build-from-module.ts';
import { architecture, cacheDirectory } from './cache-directory.ts';
import { download, isReachable } from './download.ts';
import { withLock } from './lock.ts';
import { TOOLS, type Tool, type ToolName } from './tools.ts';

/**
 * Path of a program, from the first of: the cache, its official release (checksum verified), a build from its pinned Go
 * module. Safe to call from several processes at once.
 * @throws Error that says which way failed and why.
 */
export async function binary(name: ToolName): Promise<string> {
  const tool: Tool = TOOLS[name];
  const path = cacheDirectory('bin', `${name}-${tool.version}-linux-${architecture()}`);
  if (await exists(path)) return path;
  return withLock(`${path}.lock`, async () => {
    if (await exists(path)) return path;
    await mkdir(cacheDirectory('bin'), { recursive: true });
    const draft = `${path}.${process.pid}`;
    try {
      if (!(await fetchRelease(name, tool, draft))) await buildFromModule(name, tool, draft);
      await chmod(draft, 0o755);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  });
}

/** All of these, one after the other: builds use every core by themselves. */
export async function binaries<N extends ToolName>(...names: N[]): Promise<Record<N, string>> {
  const paths: Partial<Record<N, string>> = {};
  for (const name of names) paths[name] = await binary(name);
  return paths as Record<N, string>;
}

async function fetchRelease(name: string, tool: Tool, draft: string): Promise<boolean> {
  const release = tool.release?.(architecture());
  if (release === undefined) return false;
  if (!(await isReachable(new URL(release.url).origin))) return false;
  try {
    await step(`downloading ${name} ${tool.version}`, () => download(release, draft));
    return true;
  } catch (error) {
    say(`the download of ${name} failed (${(error as Error).message}); building it instead`);
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
