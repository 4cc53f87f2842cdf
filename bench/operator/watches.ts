import { S3PROXY, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import type { KubeObject, ObjectMeta } from '../../operator/src/kube/objects.ts';
import { createReflector, type Reflector } from '../../operator/src/kube/reflector.ts';
import { DEPLOYMENT } from '../../operator/src/kube/resource-kind.ts';
import type { LiveDeployment } from '../../operator/src/reconcile/deployment-state.ts';

/** What the bench itself watches, once: every further watch would take processor time from what is measured. */
export interface Watches {
  s3proxies: Reflector<S3Proxy>;
  deployments: Reflector<LiveDeployment>;
  stop(): Promise<void>;
}

export async function startWatches(client: KubeClient): Promise<Watches> {
  const stop = new AbortController();
  const s3proxies = createReflector<S3Proxy>({ client, kind: S3PROXY, transform: trimS3Proxy });
  const deployments = createReflector<LiveDeployment>({
    client,
    kind: DEPLOYMENT,
    transform: trimDeployment,
  });
  const running = Promise.all([s3proxies, deployments].map((each) => each.run(stop.signal)));
  await Promise.all([s3proxies.synced, deployments.synced]);
  return {
    s3proxies,
    deployments,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

function trimS3Proxy({ apiVersion, kind, metadata, status }: S3Proxy): S3Proxy {
  return {
    apiVersion,
    kind,
    metadata: identity(metadata),
    spec: { bucket: { name: '' } },
    ...(status !== undefined && { status }),
  };
}

function trimDeployment({ apiVersion, kind, metadata, spec, status }: LiveDeployment): LiveDeployment {
  const replicas = spec?.replicas;
  return {
    apiVersion,
    kind,
    metadata: identity(metadata),
    spec: replicas === undefined ? {} : { replicas },
    ...(status !== undefined && { status }),
  };
}

function identity({ name, namespace, uid, resourceVersion, generation }: ObjectMeta): KubeObject['metadata'] {
  return { name, namespace, uid, resourceVersion, generation };
}
