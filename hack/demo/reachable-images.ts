import { access, mkdir, rename } from 'node:fs/promises';
import { binary } from '../cluster/binaries/binary.ts';
import { cacheDirectory } from '../cluster/binaries/cache-directory.ts';
import { TOOLS } from '../cluster/binaries/tools.ts';
import { command, isOnPath } from '../cluster/command.ts';
import { withDocker } from '../cluster/images/docker-engine.ts';
import { type ProductImage, productImages } from '../cluster/images/product-images.ts';
import { writeScratchImage } from '../cluster/node/scratch-image.ts';
import { step } from '../cluster/progress.ts';

/** References of the images that the demo runs, each within the cluster's reach. */
export interface DemoImages {
  operator: string;
  proxy: string;
  s3Server: string;
}

/** How images get into a cluster that is not ours. */
export type ImageRoute =
  | { by: 'given'; images: DemoImages }
  | { by: 'kind'; cluster: string }
  | { by: 'registry'; registry: string };

/**
 * The route that the environment and the context's name tell: OPERATOR_IMAGE, PROXY_IMAGE and S3_SERVER_IMAGE for images the
 * cluster has or can pull, IMAGE_REGISTRY to push to, or kind's own loading.
 * @throws Error that says what to set.
 */
export function imageRoute(
  environment: Readonly<Record<string, string | undefined>>,
  context: string,
): ImageRoute {
  const { OPERATOR_IMAGE, PROXY_IMAGE, S3_SERVER_IMAGE, IMAGE_REGISTRY } = environment;
  if (OPERATOR_IMAGE && PROXY_IMAGE && S3_SERVER_IMAGE) {
    return {
      by: 'given',
      images: { operator: OPERATOR_IMAGE, proxy: PROXY_IMAGE, s3Server: S3_SERVER_IMAGE },
    };
  }
  if (IMAGE_REGISTRY) return { by: 'registry', registry: IMAGE_REGISTRY.replace(/\/+$/, '') };
  if (context.startsWith('kind-')) return { by: 'kind', cluster: context.slice('kind-'.length) };
  throw new Error(
    `the cluster of context ${context} must be able to pull the demo's images: set IMAGE_REGISTRY to a registry that you may push to ` +
      'and that it reads from, or OPERATOR_IMAGE, PROXY_IMAGE and S3_SERVER_IMAGE to images that are there already',
  );
}

/** Builds the images unless they are given, and puts them within the cluster's reach. */
export async function reachableImages(route: ImageRoute): Promise<DemoImages> {
  if (route.by === 'given') return route.images;
  const { operator, proxy } = await productImages();
  const images = { operator, proxy, s3Server: await s3ServerImage() };
  const all = Object.values(images);
  if (route.by === 'kind') {
    if (!(await isOnPath('kind')))
      throw new Error('kind is not on PATH: it loads the images into its cluster');
    for (const { reference, archive } of all) {
      await step(`loading ${reference} into kind`, () =>
        command('kind', ['load', 'image-archive', archive, '--name', route.cluster]),
      );
    }
    return { operator: operator.reference, proxy: proxy.reference, s3Server: images.s3Server.reference };
  }
  const pushed = (image: ProductImage): string => `${route.registry}/${image.reference.split('/').pop()}`;
  await withDocker(async (docker) => {
    for (const image of all) {
      await step(`pushing ${pushed(image)}`, async () => {
        await docker(['load', '--input', image.archive]);
        await docker(['tag', image.reference, pushed(image)]);
        await docker(['push', '--quiet', pushed(image)]);
      });
    }
  });
  return { operator: pushed(operator), proxy: pushed(proxy), s3Server: pushed(images.s3Server) };
}

/** The S3 server as an image of its static program alone. */
export async function s3ServerImage(): Promise<ProductImage> {
  const { version } = TOOLS.versitygw;
  const reference = `local.s3proxy.dev/versitygw:${version}`;
  const archive = cacheDirectory('images', `versitygw-${version}.tar`);
  const there = await access(archive).then(
    () => true,
    () => false,
  );
  if (!there) {
    await mkdir(cacheDirectory('images'), { recursive: true });
    const draft = `${archive}.${process.pid}`;
    const versitygw = await binary('versitygw');
    await writeScratchImage({ reference, files: { versitygw }, entrypoint: ['/versitygw'] }, draft);
    await rename(draft, archive);
  }
  return { reference, archive };
}
