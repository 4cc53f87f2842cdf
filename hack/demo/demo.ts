import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cluster, openCluster, startCluster, stopCluster } from '../cluster/cluster.ts';
import { productImages } from '../cluster/images/product-images.ts';
import { step } from '../cluster/progress.ts';
import { type DemoEnvironment, formatEnvironmentFile } from './environment-file.ts';
import { installOperator } from './install-operator.ts';
import { kubectl } from './kubectl.ts';
import { publishBucket } from './publish-bucket.ts';
import { fillBucket } from './sample-bucket.ts';

export interface Demo {
  environment: DemoEnvironment;
  cluster: Cluster;
  /** Takes everything down and removes it. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Holds the cluster and what a user of the demo needs: `env`, `ca.crt`. */
  directory: string;
  /** Lives on when this process ends. Default false. */
  detached?: boolean | undefined;
}

/**
 * Brings up a whole cluster with the operator from this checkout, an S3 server with sample pictures, and an S3Proxy that
 * publishes them. Resolves when a picture came through the Ingress. On a directory whose cluster runs, brings it up to date.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const clusterDirectory = join(directory, 'cluster');
  const images = await productImages();
  const running = await openCluster(clusterDirectory);
  const cluster =
    running ?? (await startCluster({ directory: clusterDirectory, detached: options.detached }));
  try {
    for (const { reference, archive } of [images.operator, images.proxy]) {
      await step(`loading ${reference} into the node`, () => cluster.loadImage(archive));
    }
    const bucket = { ...cluster.s3, bucket: await fillBucket(cluster.s3) };
    const client = await kubectl(cluster.kubeconfig);
    await installOperator(client, images);
    const published = await publishBucket(client, bucket, {
      ingressClass: 'traefik',
      ingressAddress: cluster.address,
    });
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, published.ca);
    const environment: DemoEnvironment = {
      KUBECONFIG: cluster.kubeconfig,
      ...published.access,
      CA_FILE: caFile,
      AWS_ENDPOINT_URL: bucket.endpoint,
      AWS_REGION: bucket.region,
      AWS_ACCESS_KEY_ID: bucket.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
      S3_BUCKET: bucket.bucket,
    };
    await writeFile(join(directory, 'env'), formatEnvironmentFile(environment), { mode: 0o600 });
    return { environment, cluster, stop: () => stopDemo(directory) };
  } catch (error) {
    // One that ran before is left to be looked at.
    if (running === undefined) await stopCluster(clusterDirectory);
    throw error;
  }
}

/** Takes a demo down, running or not, and removes its directory. */
export async function stopDemo(directory: string): Promise<void> {
  await stopCluster(join(resolve(directory), 'cluster'), { purge: true });
  await rm(directory, { recursive: true, force: true });
}
