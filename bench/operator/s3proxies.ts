import { API_VERSION, KIND, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import type { LiveDeployment } from '../../operator/src/reconcile/deployment-state.ts';

/** Of the objects that are measured. */
export const NAMESPACE = 'bench';
/** Of those before, which have every program compile, connect and fill its caches. */
export const WARM_UP_NAMESPACE = 'warm-up';

/** What the proxies would run. */
export const PROXY_IMAGE = 'example.invalid/s3proxy-proxy:1';

/** Pods that an S3Proxy wants, and those that its Deployment is edited to have. */
export const REPLICAS = 1;
export const EDITED_REPLICAS = 2;

/** Children of an S3Proxy with the smallest spec, by where the API server keeps them in etcd. */
export const CHILDREN: readonly { prefix: string; each: number }[] = [
  { prefix: 'deployments', each: 1 },
  { prefix: 'services/specs', each: 1 },
  { prefix: 'ingress', each: 1 },
  { prefix: 'serviceaccounts', each: 1 },
  // User and password, their hash, the authority, the certificate.
  { prefix: 'secrets', each: 4 },
];

/** An S3Proxy with the smallest useful spec. */
export function s3proxyManifest(namespace: string, index: number): KubeObject {
  const name = `photos-${index}`;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name, namespace },
    spec: {
      bucket: { name: 'my-bucket', region: 'eu-west-1' },
      ingress: { host: `${name}.${namespace}.example.com` },
    },
  } as KubeObject;
}

/** Whether the status is written for the newest spec, and says that everything is there. */
export function isReady({ metadata, status }: S3Proxy): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true
  );
}

/** Whether a Deployment is as its S3Proxy says, after an edit that made it `edited`, and its controller has seen it. */
export function isRestored({ metadata, spec, status }: LiveDeployment, edited: number): boolean {
  return (
    (metadata.generation ?? 0) > edited &&
    spec?.replicas === REPLICAS &&
    status?.observedGeneration === metadata.generation &&
    status?.availableReplicas === REPLICAS &&
    status?.replicas === REPLICAS
  );
}
