import { access, mkdir, rename } from 'node:fs/promises';
import { binary } from '../binaries/binary.ts';
import { architecture, cacheDirectory } from '../binaries/cache-directory.ts';
import { TOOLS } from '../binaries/tools.ts';
import { step } from '../progress.ts';
import { pauseProgram } from './pause-program.ts';
import { type ScratchImage, writeScratchImage } from './scratch-image.ts';

const REPOSITORY = 'local.s3proxy.dev';

/** Images that the node itself needs, made of static programs so that no registry is. */
export const PAUSE_IMAGE = `${REPOSITORY}/pause:2`;
export const COREDNS_IMAGE = `${REPOSITORY}/coredns:${TOOLS.coredns.version}`;
export const TRAEFIK_IMAGE = `${REPOSITORY}/traefik:${TOOLS.traefik.version}`;

export interface ImageArchive {
  reference: string;
  /** Path of a `docker save` archive. */
  archive: string;
}

/** The images of the node's own parts, made on first use and cached. */
export async function systemImages(): Promise<ImageArchive[]> {
  const [coredns, traefik] = [await binary('coredns'), await binary('traefik')];
  return [
    await cached('pause-2', {
      reference: PAUSE_IMAGE,
      files: { pause: pauseProgram(architecture()) },
      entrypoint: ['/pause'],
    }),
    await cached(`coredns-${TOOLS.coredns.version}`, {
      reference: COREDNS_IMAGE,
      files: { coredns },
      entrypoint: ['/coredns'],
    }),
    await cached(`traefik-${TOOLS.traefik.version}`, {
      reference: TRAEFIK_IMAGE,
      files: { traefik },
      entrypoint: ['/traefik'],
    }),
  ];
}

async function cached(name: string, image: ScratchImage): Promise<ImageArchive> {
  const path = cacheDirectory('images', `${name}.tar`);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  const result = { reference: image.reference, archive: path };
  if (there) return result;
  await mkdir(cacheDirectory('images'), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await step(`making the image ${image.reference}`, () => writeScratchImage(image, draft));
  await rename(draft, path);
  return result;
}
