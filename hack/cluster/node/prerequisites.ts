import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { withLock } from '../binaries/lock.ts';
import { command, isOnPath } from '../command.ts';
import { step } from '../progress.ts';

/** Something that must be on the machine. */
export interface Prerequisite {
  /** Name of a program, or absolute path of a file. */
  needs: string;
  /** Arguments with which the program must end well, where it alone is not enough. */
  check?: readonly string[];
  /** The Debian package that brings it. */
  package: string;
}

/** Of a node. */
export const NODE_PREREQUISITES: readonly Prerequisite[] = [
  { needs: 'containerd', package: 'containerd' },
  { needs: 'runc', package: 'runc' },
  { needs: '/usr/lib/cni/ptp', package: 'containernetworking-plugins' },
  { needs: 'iptables', package: 'iptables' },
  { needs: 'ip', package: 'iproute2' },
  { needs: 'mount', package: 'mount' },
  { needs: 'nsenter', package: 'util-linux' },
];

/** Of a Docker engine of one's own. */
export const ENGINE_PREREQUISITES: readonly Prerequisite[] = [
  { needs: 'docker', package: 'docker.io' },
  { needs: 'dockerd', package: 'docker.io' },
  { needs: 'unshare', package: 'util-linux' },
];

/** Of a base image, where no image registry is in reach. */
export const BASE_IMAGE_PREREQUISITES: readonly Prerequisite[] = [
  { needs: 'debootstrap', package: 'debootstrap' },
  { needs: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring' },
];

/** Of the building of programs, where no release site is in reach and there is no Go. */
export const PYTHON_PREREQUISITES: readonly Prerequisite[] = [
  { needs: 'python3', check: ['-c', 'import ensurepip, venv'], package: 'python3-venv' },
];

/** Of the tests in a browser. The font is what a picture of a page is drawn with. */
export const BROWSER_PREREQUISITES: readonly Prerequisite[] = [
  { needs: '/usr/bin/chromium', package: 'chromium' },
  { needs: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', package: 'fonts-dejavu-core' },
];

/** Programs may be in folders that a user's PATH lacks. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * Makes sure that what a node is made of is here.
 * @throws Error that says what is missing and how to get it
 */
export async function ensureNodePrerequisites(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'the local cluster needs root: it makes network namespaces, mounts and containers. Use sudo',
    );
  }
  await ensurePrerequisites(NODE_PREREQUISITES);
}

/**
 * Makes sure that these are here, by default all that a cluster and its images need. As root on Debian or Ubuntu, missing ones are installed.
 * @throws Error that names each missing one and the command that installs them
 */
export async function ensurePrerequisites(
  needed: readonly Prerequisite[] = [
    ...NODE_PREREQUISITES,
    ...ENGINE_PREREQUISITES,
    ...BASE_IMAGE_PREREQUISITES,
  ],
): Promise<void> {
  if ((await missing(needed)).length === 0) return;
  await withLock(cacheDirectory('apt.lock'), async () => {
    const absent = await missing(needed);
    if (absent.length === 0) return;
    const packages = [...new Set(absent.map((each) => each.package))];
    const names = absent.map((each) => each.needs).join(', ');
    const install = `apt-get install --no-install-recommends ${packages.join(' ')}`;
    if (!(await isOnPath('apt-get'))) {
      throw new Error(
        `missing on this machine: ${names}. In Debian they are in the packages ${packages.join(', ')}`,
      );
    }
    if (process.getuid?.() !== 0)
      throw new Error(`missing on this machine: ${names}. Get them with: sudo ${install}`);
    await step(`installing system packages: ${packages.join(' ')}`, () => installPackages(packages));
    const still = (await missing(needed)).map((each) => each.needs);
    if (still.length > 0) throw new Error(`"${install}" did not bring ${still.join(', ')}`);
  });
}

/** apt's lists are read once by each run. */
let updated: Promise<string> | undefined;

async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Others may be installing too.
  const patient = ['-o', 'DPkg::Lock::Timeout=300'];
  updated ??= command('apt-get', [...patient, 'update'], { env });
  await updated;
  await withoutServices(() =>
    // Nothing of the user's may go for it: Docker's own packages conflict with Debian's.
    command('apt-get', [...patient, 'install', '-y', '--no-install-recommends', '--no-remove', ...packages], {
      env,
    }),
  );
}

async function missing(needed: readonly Prerequisite[]): Promise<Prerequisite[]> {
  const found = await Promise.all(needed.map(isThere));
  return needed.filter((_, index) => found[index] === false);
}

async function isThere({ needs, check }: Prerequisite): Promise<boolean> {
  const path = await locate(needs);
  if (path === undefined || check === undefined) return path !== undefined;
  return command(path, check).then(
    () => true,
    () => false,
  );
}

/** Path of a program or file, if it is on this machine. */
async function locate(needs: string): Promise<string | undefined> {
  const fromPath = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  const candidates = needs.startsWith('/')
    ? [needs]
    : [...fromPath, ...FOLDERS].map((folder) => `${folder}/${needs}`);
  for (const candidate of candidates) {
    const there = await access(candidate).then(
      () => true,
      () => false,
    );
    if (there) return candidate;
  }
  return undefined;
}

const POLICY = '/usr/sbin/policy-rc.d';
const REFUSAL = '#!/bin/sh\n# Of the local cluster tool, while it installs packages.\nexit 101\n';

/** Debian starts the services it installs, unless this file says no. They would stay when the cluster is gone. */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  await writeFile(POLICY, REFUSAL, { mode: 0o755, flag: 'wx' }).catch(() => undefined);
  try {
    return await work();
  } finally {
    // One that an interrupted run left is ours too.
    if ((await readFile(POLICY, 'utf8').catch(() => '')) === REFUSAL) await rm(POLICY, { force: true });
  }
}
