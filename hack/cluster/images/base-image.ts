import { access, copyFile, cp, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { command } from '../command.ts';
import { say, step } from '../progress.ts';
import type { Docker } from './docker-engine.ts';

export interface BaseImages {
  /** Runs a program: Debian and Node. */
  base: string;
  /** Makes the bundles: npm besides. */
  build: string;
}

const PUBLIC_IMAGE = 'node:26-bookworm-slim';
const PULL_TIMEOUT_MS = 90_000;
const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** The public Node image where a registry is in reach; else images of the same made from Debian and npm packages. */
export async function baseImages(docker: Docker): Promise<BaseImages> {
  const name = `s3proxy-base:node-${process.versions.node}`;
  const build = `s3proxy-build-base:node-${process.versions.node}`;
  const known = await docker(['images', '--quiet', build]);
  if (known.trim() !== '') return { base: name, build };
  try {
    await step(`pulling ${PUBLIC_IMAGE}`, () =>
      docker(['pull', '--quiet', PUBLIC_IMAGE], { timeoutMs: PULL_TIMEOUT_MS }),
    );
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

async function debianMirror(): Promise<string[]> {
  const targets = await command('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)']).catch(
    () => '',
  );
  const mirror = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, release]) => release === 'bookworm')?.[0];
  return mirror === undefined ? [] : [mirror];
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
