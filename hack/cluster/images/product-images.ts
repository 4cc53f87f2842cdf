import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../binaries/cache-directory.ts';
import { step } from '../progress.ts';
import { baseImages } from './base-image.ts';
import { type Docker, withDocker } from './docker-engine.ts';

export interface ProductImage {
  /** Repository and tag; the tag is a hash of the sources. */
  reference: string;
  /** Path of the archive, as `docker save` writes it. */
  archive: string;
}

export type Program = 'operator' | 'proxy';

/** Of each program, for other checkouts and runs that are under way. */
const ARCHIVES_KEPT = 4;
const ROOT = join(import.meta.dirname, '..', '..', '..');
/** What an image is made of: the same for both, since one lock file and one contract bind them. */
const SOURCES = ['package.json', 'package-lock.json', 'hack/bundle.ts', 'operator', 'proxy'];

/** The operator's and the proxy's image, built from this checkout unless that very source was built before. */
export async function productImages(): Promise<Record<Program, ProductImage>> {
  const hash = await sourceHash();
  const image = (program: Program): ProductImage => ({
    reference: `local.s3proxy.dev/s3proxy-${program}:${hash}`,
    archive: cacheDirectory('images', `s3proxy-${program}-${hash}.tar`),
  });
  const images = { operator: image('operator'), proxy: image('proxy') };
  const toBuild: Program[] = [];
  for (const program of ['operator', 'proxy'] as const) {
    const there = await access(images[program].archive).then(
      () => true,
      () => false,
    );
    if (!there) toBuild.push(program);
  }
  if (toBuild.length > 0) {
    await mkdir(cacheDirectory('images'), { recursive: true });
    await withDocker(async (docker) => {
      for (const program of toBuild) await build(docker, program, images[program]);
    });
    for (const program of toBuild) await removeOldArchives(program);
  }
  return images;
}

async function build(docker: Docker, program: Program, { reference, archive }: ProductImage): Promise<void> {
  const { base, build: buildBase } = await baseImages(docker);
  const npmrc = join(homedir(), '.npmrc');
  const hasNpmrc = await access(npmrc).then(
    () => true,
    () => false,
  );
  const registry = process.env.NPM_CONFIG_REGISTRY;
  await step(`building the image of the ${program}`, () =>
    docker([
      ...['build', '--network=host', '--file', join(ROOT, `Dockerfile.${program}`), '--tag', reference],
      ...['--build-arg', `BASE_IMAGE=${base}`, '--build-arg', `BUILD_IMAGE=${buildBase}`],
      ...(registry === undefined ? [] : ['--build-arg', `NPM_CONFIG_REGISTRY=${registry}`]),
      ...(hasNpmrc ? ['--secret', `id=npmrc,src=${npmrc}`] : []),
      ROOT,
    ]),
  );
  await docker(['save', '--output', `${archive}.${process.pid}`, reference]);
  await rename(`${archive}.${process.pid}`, archive);
}

/** Archives are large, and each change of the sources makes new ones. */
async function removeOldArchives(program: Program): Promise<void> {
  const directory = cacheDirectory('images');
  const pattern = new RegExp(`^s3proxy-${program}-[0-9a-f]{12}\\.tar$`);
  const archives = (await readdir(directory)).filter((name) => pattern.test(name));
  const byAge = await Promise.all(
    archives.map(async (name) => ({ name, made: (await stat(join(directory, name))).mtimeMs })),
  );
  byAge.sort((a, b) => b.made - a.made);
  for (const { name } of byAge.slice(ARCHIVES_KEPT)) await rm(join(directory, name), { force: true });
}

/** Changes with every file that an image is made of, and with nothing else. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  hash.update(process.versions.node);
  for (const file of [...(await sourceFiles()), 'Dockerfile.operator', 'Dockerfile.proxy'].sort()) {
    hash.update(`${file}\0`).update(await readFile(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function sourceFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const source of SOURCES) {
    if (/\.\w+$/.test(source)) {
      files.push(source);
      continue;
    }
    const entries = await readdir(join(ROOT, source), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name).slice(ROOT.length + 1);
      if (entry.isFile() && !/node_modules|\.test\.ts$|\/dist\//.test(path)) files.push(path);
    }
  }
  return files;
}
