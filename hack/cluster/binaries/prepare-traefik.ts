import { chmod, cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../command.ts';

const LEGO = 'github.com/go-acme/lego/v5';
/** The one in the module's go.mod. */
export const LEGO_VERSION = 'v5.4.1';
/** Parts of lego that Traefik does not need: the vendors' SDKs behind them are many, and some are on no module proxy. */
const LEFT_OUT = new Set(['cmd', 'docs', 'e2e', 'providers']);

/**
 * Puts into `directory` the copy of lego that the module's go.mod points to: the published one, with lego-dns-stub in place of
 * its DNS providers.
 */
export async function prepareTraefik(go: string, directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const answer = await command(go, ['mod', 'download', '-json', `${LEGO}@${LEGO_VERSION}`], {
    cwd: '/',
    env: { ...env, GOFLAGS: '-mod=mod' },
  });
  const { Dir } = JSON.parse(answer) as { Dir: string };
  const target = join(directory, 'lego');
  await mkdir(join(target, 'providers', 'dns'), { recursive: true });
  for (const entry of await readdir(Dir)) {
    if (!LEFT_OUT.has(entry)) await cp(join(Dir, entry), join(target, entry), { recursive: true });
  }
  // The module cache is read-only, and so are copies of it.
  await chmod(target, 0o755);
  await command('chmod', ['-R', 'u+w', target]);
  await cp(join(directory, 'lego-dns-stub', 'dns.go'), join(target, 'providers', 'dns', 'dns.go'));
}
