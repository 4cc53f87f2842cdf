import { access, copyFile, cp, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { isReachable } from '../binaries/download.ts';
import { command } from '../command.ts';
import { BASE_IMAGE_PREREQUISITES, ensurePrerequisites } from '../node/prerequisites.ts';
import { say, step } from '../progress.ts';
import type { Docker } from './docker-engine.ts';

export interface BaseImages {
  /** Runs a program: Debian and Node. */
  base: string;
  /** Makes the bundles: npm besides. */
  build: string;
}

const PUBLIC_IMAGE = 'node:26-bookworm-slim';
const PULL_TIMEOUT_MS = 180_000;
/** When the public registry does not answer us; the engine may know a mirror. */
const MIRROR_TIMEOUT_MS = 20_000;
const REGISTRY = 'https://registry-1.docker.io';
const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** The public Node image where a registry is in reach; else images of the same made from Debian and npm packages. */
export async function baseImages(docker: Docker): Promise<BaseImages> {
  const name = `s3proxy-base:node-${process.versions.node}`;
  const build = `s3proxy-build-base:node-${process.versions.node}`;
  const known = await docker(['images', '--quiet', build]);
  if (known.trim() !== '') return { base: name, build };
  const timeoutMs = (await isReachable(REGISTRY)) ? PULL_TIMEOUT_MS : MIRROR_TIMEOUT_MS;
  try {
    await step(`pulling ${PUBLIC_IMAGE}`, () => docker(['pull', '--quiet', PUBLIC_IMAGE], { timeoutMs }));
    return { base: PUBLIC_IMAGE, build: PUBLIC_IMAGE };
  } catch {
    say('no image registry in reach: making the base image from Debian packages');
  }
  const root = await debianRoot();
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await copyFile(await realpath(process.execPath), join(root, 'usr/local/bin/node'));
  await importImage(docker, root, name);
  await addNpm(root);
  await importImage(docker, root, build, 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt');
  await rm(root, { recursive: true, force: true });
  return { base: name, build };
}

/** A fresh copy of a minimal Debian, made once by debootstrap from the mirror that this machine's apt uses. */
async function debianRoot(): Promise<string> {
  const archive = cacheDirectory('debian-bookworm.tar');
  const root = cacheDirectory(`debian-root-${process.pid}`);
  const there = await access(archive).then(
    () => true,
    () => false,
  );
  if (!there) {
    await ensurePrerequisites(BASE_IMAGE_PREREQUISITES);
    await rm(root, { recursive: true, force: true });
    await step('bootstrapping a minimal Debian (a minute or two)', async () =>
      command('debootstrap', [
        ...['--variant=minbase', '--include=ca-certificates,libatomic1', 'bookworm', root],
        ...(await debianMirror()),
      ]),
    );
    await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true });
    await rm(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
    await command('tar', ['-cf', `${archive}.${process.pid}`, '-C', root, '.']);
    await rename(`${archive}.${process.pid}`, archive);
  } else {
    await mkdir(root, { recursive: true });
    await command('tar', ['-xf', archive, '-C', root]);
  }
  // Whoever this machine trusts, the build may have to trust too: a registry behind a private authority.
  const bundle = await readFile(CA_BUNDLE).catch(() => undefined);
  if (bundle !== undefined) await writeFile(join(root, CA_BUNDLE), bundle);
  return root;
}

/** The mirror that this machine's apt uses, as debootstrap's argument; none: debootstrap's own. */
async function debianMirror(): Promise<string[]> {
  const format = '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)';
  const targets = await command('apt-get', ['indextargets', '--format', format]).catch(() => '');
  const mirror = mirrorOf(targets);
  return mirror === undefined ? [] : [mirror];
}

/** Of what apt reads, the Debian archive itself: the security archive and others' lack the packages of a system. */
export function mirrorOf(targets: string): string | undefined {
  return targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(
      ([, codename = '', origin, component]) =>
        origin === 'Debian' && component === 'main' && /^[a-z]+$/.test(codename),
    )?.[0];
}

/** Copies this machine's npm: it is plain JavaScript. */
async function addNpm(root: string): Promise<void> {
  const program = await realpath((await command('sh', ['-c', 'command -v npm'])).trim());
  const npm = dirname(dirname(program));
  const target = join(root, 'usr/local/lib/node_modules/npm');
  await mkdir(dirname(target), { recursive: true });
  // Debian's npm links to packages elsewhere.
  await cp(npm, target, { recursive: true, dereference: true });
  await command('ln', ['-sf', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm')]);
}

async function importImage(docker: Docker, root: string, name: string, ...changes: string[]): Promise<void> {
  const archive = `${root}.tar`;
  await step(`importing the image ${name}`, async () => {
    await command('tar', ['-cf', archive, '-C', root, '.']);
    await docker(['import', ...changes.flatMap((change) => ['--change', change]), archive, name]);
  });
  await rm(archive, { force: true });
}
