import { access, rm, writeFile } from 'node:fs/promises';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { withLock } from '../binaries/lock.ts';
import { command, isOnPath } from '../command.ts';
import { step } from '../progress.ts';

/** What must be on the machine, and the Debian package that brings it. */
const NEEDED: readonly { path: string; package: string }[] = [
  { path: '/usr/bin/containerd', package: 'containerd' },
  { path: '/usr/sbin/runc', package: 'runc' },
  { path: '/usr/bin/docker', package: 'docker.io' },
  { path: '/usr/sbin/dockerd', package: 'docker.io' },
  { path: '/usr/lib/cni/ptp', package: 'containernetworking-plugins' },
  { path: '/usr/sbin/iptables', package: 'iptables' },
  { path: '/usr/sbin/debootstrap', package: 'debootstrap' },
  { path: '/usr/bin/busybox', package: 'busybox-static' },
  { path: '/usr/sbin/ip', package: 'iproute2' },
  { path: '/usr/bin/nsenter', package: 'util-linux' },
  { path: '/usr/sbin/conntrack', package: 'conntrack' },
  { path: '/usr/sbin/sysctl', package: 'procps' },
];

/**
 * Makes sure that the programs a node is made of are here. As root on Debian or Ubuntu, missing ones are installed.
 * @throws Error that names each missing package and the command that installs them.
 */
export async function ensurePrerequisites(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'the local cluster needs root: it makes network namespaces, mounts and containers. Use sudo',
    );
  }
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const install = `apt-get install -y ${missing.join(' ')}`;
  if (!(await isOnPath('apt-get'))) throw new Error(`missing on this machine: ${missing.join(', ')}`);
  await withLock(cacheDirectory('apt.lock'), () =>
    step(`installing system packages: ${missing.join(' ')}`, async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await command('apt-get', ['update'], { env });
      await withoutServices(() =>
        command('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env }),
      );
    }),
  );
  const still = await missingPackages();
  if (still.length > 0) throw new Error(`"${install}" did not bring ${still.join(', ')}`);
}

async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const { path, package: name } of NEEDED) {
    // Debian 12 and later have /usr/sbin and /sbin in one; older ones do not.
    const places = [path, path.replace('/usr', '')];
    const found = await Promise.all(
      places.map((place) =>
        access(place).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) missing.add(name);
  }
  return [...missing];
}

/** Debian starts the services it installs, unless this file says no. They would stay when the cluster is gone. */
const POLICY = '/usr/sbin/policy-rc.d';

async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const own = await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  try {
    return await work();
  } finally {
    if (own) await rm(POLICY, { force: true });
  }
}
