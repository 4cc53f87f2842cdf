import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../cluster/binaries/binary.ts';
import { command } from '../cluster/command.ts';
import { step } from '../cluster/progress.ts';
import { type DemoEnvironment, formatEnvironmentFile } from './environment-file.ts';
import { installOperator, OPERATOR_NAMESPACE, uninstallOperator } from './install-operator.ts';
import { type ClusterClient, kubectl } from './kubectl.ts';
import { DEMO_NAME, DEMO_NAMESPACE, demoNamespace } from './manifests.ts';
import { type PortForward, startPortForward } from './port-forward.ts';
import { publishBucket } from './publish-bucket.ts';
import { imageRoute, reachableImages } from './reachable-images.ts';
import { S3_ENDPOINT, S3_PORT, S3_SERVER, s3ServerManifests } from './s3-server.ts';
import { fillBucket } from './sample-bucket.ts';

const CRD = 's3proxies.s3proxy.dev';
const REGION = 'us-east-1';
/** Stands in the directory from the moment on that the demo changes the cluster: only then is there something to remove. */
const BORROWED = 'borrowed';

/** Whether a demo on a user's own cluster was started from this directory. */
export function isBorrowed(directory: string): boolean {
  return existsSync(join(directory, BORROWED));
}

export interface BorrowedOptions {
  context: string;
  directory: string;
  /** For INGRESS_CLASS, INGRESS_ADDRESS and the images; see docs/development/local-cluster.md. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** The demo on a cluster of the user's own. `stopBorrowedDemo` leaves it as it was. */
export async function startBorrowedDemo(options: BorrowedOptions): Promise<DemoEnvironment> {
  const { context, environment } = options;
  const directory = resolve(options.directory);
  const route = imageRoute(environment, context);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kubeconfig = await standaloneKubeconfig(context, join(directory, 'kubeconfig'));
  const client = await kubectl(kubeconfig);
  await refuseIfInUse(client, context);
  await writeFile(join(directory, BORROWED), '');
  const images = await reachableImages(route);
  try {
    const keys = {
      accessKeyId: randomBytes(10).toString('hex'),
      secretAccessKey: randomBytes(20).toString('hex'),
    };
    await client.apply(demoNamespace());
    await client.apply(...s3ServerManifests(images.s3Server, keys));
    await step('waiting for the S3 server', () =>
      client.kubectl('-n', DEMO_NAMESPACE, 'rollout', 'status', `deployment/${S3_SERVER}`, '--timeout=120s'),
    );
    const target = { namespace: DEMO_NAMESPACE, service: S3_SERVER, port: S3_PORT };
    const forward = await startPortForward(kubeconfig, target, join(directory, 'port-forward.log'));
    await writeFile(join(directory, 'port-forward.json'), JSON.stringify(forward));
    const access = { ...keys, region: REGION, endpoint: forward.endpoint };
    const bucket = await fillBucket(access);
    await installOperator(
      client,
      { operator: { reference: images.operator }, proxy: { reference: images.proxy } },
      { 'crds.keep': false },
    );
    const published = await publishBucket(
      client,
      { ...keys, region: REGION, endpoint: S3_ENDPOINT, bucket },
      {
        ingressClass: environment.INGRESS_CLASS,
        ingressAddress: environment.INGRESS_ADDRESS ?? (() => ingressAddress(client)),
      },
    );
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, published.ca);
    const result: DemoEnvironment = {
      KUBECONFIG: kubeconfig,
      ...published.access,
      CA_FILE: caFile,
      AWS_ENDPOINT_URL: forward.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      S3_BUCKET: bucket,
    };
    await writeFile(join(directory, 'env'), formatEnvironmentFile(result), { mode: 0o600 });
    return result;
  } catch (error) {
    await stopBorrowedDemo(directory);
    throw error;
  }
}

/** Removes everything that the demo put into the cluster. Safe to call again, or after a start that failed. */
export async function stopBorrowedDemo(directory: string): Promise<void> {
  const kubeconfig = join(resolve(directory), 'kubeconfig');
  const client = await kubectl(kubeconfig);
  const forward = await readFile(join(directory, 'port-forward.json'), 'utf8').catch(() => undefined);
  if (forward !== undefined) endPortForward(JSON.parse(forward) as PortForward);
  await step('removing the demo from the cluster', async () => {
    const gone = ['--ignore-not-found', '--wait', '--timeout=180s'];
    await uninstallOperator(client);
    // With its pods in it, a namespace is looked at again after half of their grace period only, however soon they end.
    const pods = ['deployments', '--all', '--cascade=foreground'];
    await client.kubectl('-n', DEMO_NAMESPACE, 'delete', ...pods, '--wait', '--timeout=180s');
    await client.kubectl('delete', 'namespace', DEMO_NAMESPACE, ...gone);
    await client.kubectl('delete', 'namespace', OPERATOR_NAMESPACE, ...gone);
    await client.kubectl('delete', 'crd', CRD, ...gone);
  });
  await rm(directory, { recursive: true, force: true });
}

function endPortForward({ pid }: PortForward): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It ended by itself: its pod is gone.
  }
}

/** The context alone with its credentials in one file, so that scripts need not know the user's own. */
async function standaloneKubeconfig(context: string, target: string): Promise<string> {
  const args = ['config', 'view', '--minify', '--flatten', '--context', context];
  const text = await command(await binary('kubectl'), args).catch((cause) => {
    throw new Error(`there is no usable kubeconfig context ${context}: see "kubectl config get-contexts"`, {
      cause,
    });
  });
  await writeFile(target, text, { mode: 0o600 });
  return target;
}

/** @throws Error when the cluster has something that the demo would change, and so could not leave as it found it. */
async function refuseIfInUse(client: ClusterClient, context: string): Promise<void> {
  const found = await client.kubectl(
    ...['get', `crd/${CRD}`, `namespace/${DEMO_NAMESPACE}`, `namespace/${OPERATOR_NAMESPACE}`],
    ...['--ignore-not-found', '-o', 'name'],
  );
  if (found.trim() === '') return;
  throw new Error(
    `the cluster of context ${context} already has ${found.trim().split('\n').join(', ')}: ` +
      'run "make demo-down CONTEXT=..." if an earlier demo left it, else use another cluster',
  );
}

/** Address that the ingress controller gave to the Ingress. */
async function ingressAddress(client: ClusterClient): Promise<string> {
  const query = '{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}';
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const address = await client.kubectl(
      ...['-n', DEMO_NAMESPACE, 'get', 'ingress', DEMO_NAME, '-o', `jsonpath=${query}`],
    );
    if (address !== '') return address;
    await sleep(500);
  }
  throw new Error(
    'the Ingress got no address within 60 s: set INGRESS_ADDRESS to that of your ingress controller',
  );
}
