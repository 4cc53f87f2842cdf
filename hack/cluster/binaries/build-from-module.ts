import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../command.ts';
import { step } from '../progress.ts';
import { cacheDirectory } from './cache-directory.ts';
import { GO_ENVIRONMENT, goToolchain } from './go-toolchain.ts';
import { prepareTraefik } from './prepare-traefik.ts';
import type { Tool } from './tools.ts';

const MODULES = join(import.meta.dirname, '..', 'modules');

/**
 * Builds a tool from its pinned Go module, in a copy of the module's folder, into `target`.
 * @throws Error with the end of what Go wrote
 */
export async function buildFromModule(name: string, tool: Tool, target: string): Promise<void> {
  const go = await goToolchain();
  const env = { ...process.env, ...GO_ENVIRONMENT };
  await mkdir(cacheDirectory('build'), { recursive: true });
  const directory = await mkdtemp(cacheDirectory('build', `${name}-`));
  try {
    await cp(join(MODULES, tool.module), directory, { recursive: true });
    if (tool.module === 'traefik') await prepareTraefik(go, directory, env);
    await step(`downloading the Go modules of ${name} ${tool.version}`, () =>
      command(go, ['mod', 'download'], { cwd: directory, env }),
    );
    await step(`building ${name} ${tool.version} from its Go module (minutes when Go's cache is cold)`, () =>
      command(
        go,
        ['build', '-trimpath', '-ldflags', `-s -w ${tool.ldflags ?? ''}`.trim(), '-o', target, tool.package],
        { cwd: directory, env },
      ),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
