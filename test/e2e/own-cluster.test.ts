import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { type Cluster, startCluster, stopCluster } from '../../hack/cluster/cluster.ts';
import { productImages } from '../../hack/cluster/images/product-images.ts';
import { startBorrowedDemo, stopBorrowedDemo } from '../../hack/demo/borrowed-cluster.ts';
import { s3ServerImage } from '../../hack/demo/reachable-images.ts';
import { ingressClient } from './ingress-client.ts';
import { kubectl } from './kubectl.ts';

let directory: string;
let cluster: Cluster;
const kubeconfigBefore = process.env.KUBECONFIG;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-own-'));
  cluster = await startCluster({ directory: join(directory, 'cluster') });
  process.env.KUBECONFIG = cluster.kubeconfig;
});

afterAll(async () => {
  if (kubeconfigBefore === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = kubeconfigBefore;
  await stopCluster(join(directory, 'cluster'));
  await rm(directory, { recursive: true, force: true });
});

/** Every object of the kinds that a demo could leave behind. */
async function everything(): Promise<string[]> {
  const client = kubectl(await binary('kubectl'), cluster.kubeconfig);
  const kinds =
    'namespaces,crds,clusterroles,clusterrolebindings,roles,rolebindings,deployments,services,ingresses,secrets,configmaps';
  const text = await client.run('get', kinds, '--all-namespaces', '-o', 'name');
  return text.trim().split('\n').sort();
}

test("the demo on a user's own cluster serves the picture and leaves the cluster as it found it", async () => {
  const before = await everything();
  const { operator, proxy } = await productImages();
  const s3Server = await s3ServerImage();
  for (const { archive } of [operator, proxy, s3Server]) await cluster.loadImage(archive);
  const demoDirectory = join(directory, 'demo');
  const demo = await startBorrowedDemo({
    context: 'local',
    directory: demoDirectory,
    environment: {
      OPERATOR_IMAGE: operator.reference,
      PROXY_IMAGE: proxy.reference,
      S3_SERVER_IMAGE: s3Server.reference,
    },
  });
  const http = ingressClient(demo);
  expect((await http.get({ path: '/1.jpg' })).status).toBe(401);
  const auth = `${demo.AUTH_USER}:${demo.AUTH_PASSWORD}`;
  expect((await http.get({ path: '/1.jpg', auth })).status).toBe(200);

  const again = startBorrowedDemo({
    context: 'local',
    directory: join(directory, 'other'),
    environment: { IMAGE_REGISTRY: 'registry.invalid' },
  });
  await expect(again).rejects.toThrow(/already has .*s3proxies\.s3proxy\.dev/);

  await stopBorrowedDemo(demoDirectory);
  expect(await everything()).toEqual(before);
}, 400_000);
