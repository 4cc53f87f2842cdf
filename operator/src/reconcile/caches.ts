import { S3PROXY, type S3Proxy } from '../api/s3proxy.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Logger } from '../kube/logger.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/objects.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import {
  DEPLOYMENT,
  HORIZONTAL_POD_AUTOSCALER,
  INGRESS,
  NETWORK_POLICY,
  POD,
  POD_DISRUPTION_BUDGET,
  type ResourceKind,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../kube/resource-kind.ts';
import { bare, trim } from '../kube/trim.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../resources/foreign-kinds.ts';
import { INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGED_BY_VALUE } from '../resources/labels.ts';
import { keepOfDeployment, type PodVolumes } from './deployment-state.ts';
import { EVICTION_NOTICES, type EvictionNotice, trimNotice } from './eviction-notice.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { mountsHtpasswd } from './password-handover.ts';
import { referencedSecretKeys } from './references.ts';
import { keepOfRoute } from './route-state.ts';

/** Of a pod that runs, all that the operator reads: where its proxy listens, and whether it is worth asking. */
export interface ProxyPod extends KubeObject {
  /** Whether it asks for the password. */
  asks: boolean;
  status?: { podIP?: string };
}

/** The same as the API server has it. */
type LivePod = Omit<ProxyPod, 'asks'> & { spec?: PodVolumes };

/**
 * Kinds of children, with what the operator reads of them. Metadata alone tells whether a child still is what was
 * applied (see kube/apply.ts), so it is all that is kept of most.
 */
export const CHILD_KINDS: readonly {
  kind: ResourceKind;
  /** What is kept beside the metadata. */
  keep?: (object: KubeObject) => object;
  /** Of another project, which the cluster may not have. */
  foreign?: boolean;
}[] = [
  { kind: DEPLOYMENT, keep: keepOfDeployment },
  { kind: SERVICE },
  { kind: INGRESS },
  { kind: SECRET },
  { kind: SERVICE_ACCOUNT },
  { kind: HORIZONTAL_POD_AUTOSCALER },
  { kind: POD_DISRUPTION_BUDGET },
  { kind: NETWORK_POLICY },
  { kind: HTTP_ROUTE, keep: keepOfRoute, foreign: true },
  { kind: CERTIFICATE, foreign: true },
  { kind: MIDDLEWARE, foreign: true },
];

/** The collections that the operator watches. */
export interface Caches {
  s3proxies: Reflector<S3Proxy>;
  /** Objects with our label, by plural of their kind. */
  children: ReadonlyMap<string, Reflector<KubeObject>>;
  /** Those whose phase is Running: of the others, none gets requests. */
  pods: Reflector<ProxyPod>;
  /** Metadata alone of the Secrets that are not ours: tells that a referenced one came, changed or went. */
  foreignSecrets: Reflector<KubeObject>;
  /** Of the last hour, in which the API server keeps events. */
  evictions: Reflector<EvictionNotice>;
}

/** Index of S3Proxies by "namespace/name" of each Secret that their spec names. */
export const BY_REFERENCED_SECRET = 'referencedSecret';
/** Index of pods by "namespace/name" of their S3Proxy. */
export const BY_INSTANCE = 'instance';

/** Creates the reflectors; the caller runs them. `namespaces` empty means all. */
export function createCaches(
  client: KubeClient,
  namespaces: readonly string[],
  { logger, metrics }: { logger: Logger; metrics: RuntimeMetrics },
): Caches {
  const scope = {
    client,
    logger,
    metrics,
    namespaces: namespaces.length === 0 ? undefined : namespaces,
  };
  const ours = `${MANAGED_BY_LABEL}=${MANAGED_BY_VALUE}`;
  const reflect = <T extends KubeObject>(options: Omit<ReflectorOptions<T>, 'client'>): Reflector<T> =>
    createReflector<T>({ ...scope, ...options });
  return {
    s3proxies: reflect<S3Proxy>({
      kind: S3PROXY,
      indexes: { [BY_REFERENCED_SECRET]: referencedSecretKeys },
      transform: trim({}),
    }),
    children: new Map(
      CHILD_KINDS.map(({ kind, keep, foreign }) => [
        kind.plural,
        reflect<KubeObject>({
          kind,
          labelSelector: ours,
          metadataOnly: keep === undefined,
          absentIsEmpty: foreign === true,
          transform: trimChild(keep),
        }),
      ]),
    ),
    pods: reflect<ProxyPod>({
      kind: POD,
      labelSelector: ours,
      fieldSelector: 'status.phase=Running',
      transform: (pod) => trimPod(pod as LivePod),
      indexes: { [BY_INSTANCE]: (pod) => instanceOf(pod) },
    }),
    foreignSecrets: reflect<KubeObject>({
      kind: SECRET,
      labelSelector: `${MANAGED_BY_LABEL}!=${MANAGED_BY_VALUE}`,
      metadataOnly: true,
      transform: bare,
    }),
    evictions: reflect<EvictionNotice>({ ...EVICTION_NOTICES, transform: trimNotice }),
  };
}

/** The caches of children as one. */
export interface ChildCache {
  find(kind: ResourceKind, key: ObjectKey): KubeObject | undefined;
  /** Whether metadata is all that is kept of a kind. */
  isMetadataOnly(kind: ResourceKind): boolean;
  /** Puts a write's answer into the cache, so that the next run sees it. */
  wrote(kind: ResourceKind, object: KubeObject): void;
}

export function childCache({ children }: Caches): ChildCache {
  const whole = new Set(CHILD_KINDS.filter(({ keep }) => keep !== undefined).map(({ kind }) => kind.plural));
  return {
    find: (kind, key) => children.get(kind.plural)?.store.get(key),
    isMetadataOnly: (kind) => !whole.has(kind.plural),
    wrote: (kind, object) => children.get(kind.plural)?.wrote(object),
  };
}

/** Every reflector, to be run and waited for. */
export function allReflectors(caches: Caches): Reflector<KubeObject>[] {
  return [
    caches.s3proxies as unknown as Reflector<KubeObject>,
    caches.pods as unknown as Reflector<KubeObject>,
    caches.foreignSecrets,
    caches.evictions as unknown as Reflector<KubeObject>,
    ...caches.children.values(),
  ];
}

/** Keys of the S3Proxies whose spec names the Secret with this key. */
export function referrersOf({ s3proxies }: Caches, secret: ObjectKey): ObjectKey[] {
  return s3proxies.store.index(BY_REFERENCED_SECRET, secret).map(keyOf);
}

/** Key of the S3Proxy that a labelled object belongs to. */
export function instanceOf(object: KubeObject): ObjectKey[] {
  const instance = object.metadata.labels?.[INSTANCE_LABEL];
  return instance === undefined ? [] : [`${object.metadata.namespace}/${instance}`];
}

/** Labels are known by the selection, and what they should be by who owns them. */
function trimChild(keep: (object: KubeObject) => object = () => ({})): (object: KubeObject) => KubeObject {
  const trimmed = trim({ fieldManager: FIELD_MANAGER, keep });
  return (object) => {
    const child = trimmed(object);
    const { labels: _, creationTimestamp: __, ...metadata } = child.metadata;
    return { ...child, metadata };
  };
}

function trimPod(pod: LivePod): ProxyPod {
  const { name, namespace, uid, resourceVersion, labels, deletionTimestamp } = pod.metadata;
  const { podIP } = pod.status ?? {};
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: { name, namespace, uid, resourceVersion, labels, deletionTimestamp },
    asks: mountsHtpasswd(pod.spec, labels?.[INSTANCE_LABEL] ?? ''),
    ...(podIP !== undefined && { status: { podIP } }),
  };
}
