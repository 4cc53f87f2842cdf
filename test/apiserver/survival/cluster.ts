import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { binary } from '../../../hack/cluster/binaries/binary.ts';
import { writeKubeconfig } from '../../../hack/cluster/control-plane/kubeconfig.ts';
import { type Supervised, supervise } from '../../../hack/cluster/control-plane/supervisor.ts';
import { type ControlPlane, startControlPlane } from '../../../hack/cluster/control-plane.ts';
import { customResourceDefinition } from '../../../operator/src/api/crd.ts';
import { S3PROXY } from '../../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../../operator/src/kube/client.ts';
import { type CredentialSource, createConnection } from '../../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../../operator/src/kube/kubeconfig.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import {
  apiVersionOf,
  CUSTOM_RESOURCE_DEFINITION,
  NAMESPACE,
  type ResourceKind,
} from '../../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../../operator/src/kube/rest-client.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../../../operator/src/resources/foreign-kinds.ts';

/** etcd, an API server that knows every kind the operator may need, and Kubernetes' own garbage collector. */
export interface Cluster {
  controlPlane: ControlPlane;
  /** An administrator's. */
  credentials: CredentialSource;
  client: KubeClient;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-survival-'));
  const controlPlane = await startControlPlane({ directory });
  const credentials = await kubeconfigCredentials({ path: controlPlane.kubeconfig });
  const client = createRestClient({
    connection: createConnection(credentials, { maxConnections: 32 }),
    userAgent: 'survival-test',
  });
  let collector: Supervised | undefined;
  const stop = async (): Promise<void> => {
    await client.close();
    await collector?.stop();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const crds = [customResourceDefinition(), ...[HTTP_ROUTE, CERTIFICATE, MIDDLEWARE].map(looseCrd)];
    for (const crd of crds) {
      await client.create(CUSTOM_RESOURCE_DEFINITION, crd as unknown as KubeObject);
    }
    await vi.waitFor(
      async () => {
        await client.get(NAMESPACE, { name: 'default' });
        for (const kind of [S3PROXY, HTTP_ROUTE, CERTIFICATE, MIDDLEWARE]) await client.list(kind);
      },
      { timeout: 20_000, interval: 100 },
    );
    // After the kinds: it looks for new ones only every 30 seconds.
    collector = await startGarbageCollector(controlPlane, directory);
  } catch (error) {
    await stop();
    throw error;
  }
  return { controlPlane, credentials, client, stop };
}

/** A definition that takes any object: that of another project is not what is tested. */
export function looseCrd(kind: ResourceKind): object {
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: apiVersionOf(CUSTOM_RESOURCE_DEFINITION),
    kind: CUSTOM_RESOURCE_DEFINITION.kind,
    metadata: {
      name: `${kind.plural}.${kind.group}`,
      // Groups of the Kubernetes project need a link to their review.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group: kind.group,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: any, status: any },
            },
          },
          subresources: { status: {} },
        },
      ],
    },
  };
}

async function startGarbageCollector(controlPlane: ControlPlane, directory: string): Promise<Supervised> {
  const { url, pki } = controlPlane;
  const kubeconfig = join(directory, 'garbage-collector.conf');
  await writeKubeconfig(kubeconfig, url, pki.ca, pki.admin);
  const program = await binary('kube-controller-manager');
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=garbage-collector-controller',
    '--leader-elect=false',
    '--secure-port=0',
    // Many namespaces at a time are collected here.
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
  ];
  return supervise('garbage-collector', program, flags, { logs: join(directory, 'logs') });
}
