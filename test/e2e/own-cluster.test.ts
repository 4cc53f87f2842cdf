import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { type Cluster, startCluster, stopCluster } from '../../hack/cluster/cluster.ts';
import { GATEWAY_CLASS, installGatewayApi } from '../../hack/cluster/gateway-api.ts';
import { productImages } from '../../hack/cluster/images/product-images.ts';
import { startBorrowedDemo, stopBorrowedDemo } from '../../hack/demo/borrowed-cluster.ts';
import type { DemoEnvironment } from '../../hack/demo/environment-file.ts';
import { RELEASE } from '../../hack/demo/install-operator.ts';
import { kubectl as demoKubectl } from '../../hack/demo/kubectl.ts';
import { CREDENTIALS_SECRET } from '../../hack/demo/manifests.ts';
import { s3ServerImage } from '../../hack/demo/reachable-images.ts';
import { S3_ENDPOINT } from '../../hack/demo/s3-server.ts';
import {
  issueCertificateAuthority,
  issueServerCertificate,
  type KeyPair,
} from '../../operator/src/resources/x509.ts';
import { eventually } from '../eventually.ts';
import { ingressClient } from './ingress-client.ts';
import { kubectl } from './kubectl.ts';

const GATEWAY_NAMESPACE = 'gateways';
const GATEWAY_HOST = 'downloads.example.com';

let directory: string;
let cluster: Cluster;
let demo: DemoEnvironment;
/** Every object before the demo came. */
let before: string[];
const kubeconfigBefore = process.env.KUBECONFIG;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-own-'));
  cluster = await startCluster({ directory: join(directory, 'cluster') });
  process.env.KUBECONFIG = cluster.kubeconfig;
  await installGatewayApi(cluster);
});

afterAll(async () => {
  if (kubeconfigBefore === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = kubeconfigBefore;
  await stopCluster(join(directory, 'cluster'));
  await rm(directory, { recursive: true, force: true });
});

const demoDirectory = (): string => join(directory, 'demo');

/** Every object of the kinds that a demo could leave behind. */
async function everything(): Promise<string[]> {
  const client = kubectl(await binary('kubectl'), cluster.kubeconfig);
  const kinds =
    'namespaces,crds,clusterroles,clusterrolebindings,roles,rolebindings,deployments,services,ingresses,secrets,configmaps';
  const text = await client.run('get', kinds, '--all-namespaces', '-o', 'name');
  return text.trim().split('\n').sort();
}

const text = (base64 = ''): string => Buffer.from(base64, 'base64').toString();

/** A Gateway as a cluster's owner has it, in a namespace of its own, for routes from everywhere. */
function gatewayManifests(server: KeyPair): object {
  const metadata = { name: 'public', namespace: GATEWAY_NAMESPACE };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: GATEWAY_NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': server.certificate, 'tls.key': server.privateKey },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata,
      spec: {
        gatewayClassName: GATEWAY_CLASS,
        listeners: [
          {
            name: 'https',
            protocol: 'HTTPS',
            port: 443,
            tls: { certificateRefs: [{ name: metadata.name }] },
            allowedRoutes: { namespaces: { from: 'All' } },
          },
        ],
      },
    },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}

/** docs/examples/gateway-api.yaml, pointed at the demo's bucket. */
function routedS3Proxy({ NAMESPACE, S3_BUCKET }: DemoEnvironment) {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: 'routed', namespace: NAMESPACE },
    spec: {
      bucket: { name: S3_BUCKET, endpoint: S3_ENDPOINT, forcePathStyle: true },
      credentials: { secretRef: { name: CREDENTIALS_SECRET } },
      ingress: { enabled: false },
      gateway: {
        parentRefs: [{ name: 'public', namespace: GATEWAY_NAMESPACE, sectionName: 'https' }],
        hostnames: [GATEWAY_HOST],
      },
    },
  };
}

describe("the demo on a user's own cluster", () => {
  test('serves the picture', async () => {
    before = await everything();
    const { operator, proxy } = await productImages();
    const s3Server = await s3ServerImage();
    for (const { archive } of [operator, proxy, s3Server]) await cluster.loadImage(archive);
    demo = await startBorrowedDemo({
      context: 'local',
      directory: demoDirectory(),
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
  });

  test('refuses a cluster that has one already', async () => {
    const again = startBorrowedDemo({
      context: 'local',
      directory: join(directory, 'other'),
      environment: { IMAGE_REGISTRY: 'registry.invalid' },
    });
    await expect(again).rejects.toThrow(/already has .*s3proxies\.s3proxy\.dev/);
  });

  test('has an operator that "helm test" is content with', async () => {
    const client = await demoKubectl(cluster.kubeconfig);
    const told = await client.helm(
      'test',
      RELEASE,
      '--namespace',
      demo.OPERATOR_NAMESPACE,
      '--timeout',
      '120s',
    );
    expect(told).toMatch(/^Phase:\s+Succeeded$/m);
  });

  test('publishes by a Gateway where the cluster has the Gateway API, and no longer than it is told to', async () => {
    const authority = issueCertificateAuthority('gateways', new Date());
    const server = issueServerCertificate(authority, GATEWAY_HOST, new Date());
    const client = kubectl(await binary('kubectl'), cluster.kubeconfig);
    await client.apply(gatewayManifests(server));
    const s3proxy = routedS3Proxy(demo);
    await client.apply(s3proxy);
    const waited = ['-n', demo.NAMESPACE, '--timeout=90s', 's3proxy/routed'];
    await client.run('wait', '--for=condition=Ready', ...waited);
    expect((await client.find('s3proxy', 'routed', demo.NAMESPACE))?.status?.url).toBe(
      `https://${GATEWAY_HOST}/`,
    );
    expect(await client.find('ingress', 'routed', demo.NAMESPACE)).toBeUndefined();

    const http = ingressClient({
      URL: `https://${GATEWAY_HOST}`,
      CA_FILE: '',
      RESOLVE: `${GATEWAY_HOST}:443:${cluster.address}`,
      readCa: () => authority.certificate,
    });
    const status = async (auth?: string) => (await http.get({ path: '/1.jpg', auth })).status;
    const secret = await client.find('secret', 'routed-basic-auth', demo.NAMESPACE);
    const [user, password] = ['username', 'password'].map((key) => text(secret?.data?.[key]));
    await eventually(
      'the picture by the Gateway',
      60_000,
      async () => (await status(`${user}:${password}`)) === 200,
    );
    expect(await status()).toBe(401);
    const ready = async () =>
      (await client.find('s3proxy', 'routed', demo.NAMESPACE))?.status?.conditions?.find(
        ({ type }) => type === 'Ready',
      );
    await eventually(
      'the Gateway to have taken the route',
      60_000,
      async () => (await ready())?.status === 'True',
    );

    const nobodys = { ...s3proxy.spec.gateway, parentRefs: [{ name: 'nobodys' }] };
    await client.apply({ ...s3proxy, spec: { ...s3proxy.spec, gateway: nobodys } });
    await eventually('the missing Gateway to be told', 60_000, async () =>
      (await ready())?.message.startsWith('Gateway nobodys has not taken HTTPRoute routed yet.'),
    );

    await client.apply({ ...s3proxy, spec: { ...s3proxy.spec, gateway: undefined } });
    await eventually(
      'the route to be gone',
      60_000,
      async () => (await status(`${user}:${password}`)) === 404,
    );
    expect(await client.find('httproute', 'routed', demo.NAMESPACE)).toBeUndefined();
    await client.run('delete', 'namespace', GATEWAY_NAMESPACE);
  });

  test('leaves the cluster as it found it', async () => {
    await stopBorrowedDemo(demoDirectory());
    expect(await everything()).toEqual(before);
  });
});
