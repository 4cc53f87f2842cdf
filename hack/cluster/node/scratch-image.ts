import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { architecture } from '../binaries/cache-directory.ts';
import { command } from '../command.ts';

export interface ScratchImage {
  /** Full reference, such as local.s3proxy.dev/coredns:1.15.0. */
  reference: string;
  /** Files by path in the image, each a path on this machine or the bytes themselves; all become executable. */
  files: Readonly<Record<string, string | Buffer>>;
  entrypoint: readonly string[];
  user?: string;
}

/** Writes an image of nothing but these files as a `docker save` archive, which `ctr images import` reads. */
export async function writeScratchImage(image: ScratchImage, target: string): Promise<void> {
  const work = await mkdtemp(`${target}.`);
  try {
    for (const [path, source] of Object.entries(image.files)) {
      const destination = join(work, 'root', path);
      await mkdir(dirname(destination), { recursive: true });
      if (typeof source === 'string') await copyFile(source, destination);
      else await writeFile(destination, source);
      await chmod(destination, 0o755);
    }
    await mkdir(join(work, 'image'));
    const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    await command('tar', [
      ...reproducible,
      '-cf',
      join(work, 'image', 'layer.tar'),
      '-C',
      join(work, 'root'),
      '.',
    ]);
    const layer = createHash('sha256')
      .update(await readFile(join(work, 'image', 'layer.tar')))
      .digest('hex');
    const config = JSON.stringify({
      architecture: architecture(),
      os: 'linux',
      config: { Entrypoint: image.entrypoint, User: image.user ?? '65532:65532' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
      history: [{ created_by: 'scratch' }],
    });
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    await writeFile(join(work, 'image', name), config);
    const manifest = [{ Config: name, RepoTags: [image.reference], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'image', 'manifest.json'), JSON.stringify(manifest));
    await command('tar', ['-cf', target, '-C', join(work, 'image'), '.']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
