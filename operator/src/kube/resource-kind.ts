import type { ObjectRef } from './objects.ts';

/** What the API server must know to find objects of a kind. `group` is empty for the core group. */
export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): ResourceKind {
  return Object.freeze({ group, version, plural, kind, namespaced });
}

export const NAMESPACE = resource('', 'v1', 'namespaces', 'Namespace', false);
export const NODE = resource('', 'v1', 'nodes', 'Node', false);
export const POD = resource('', 'v1', 'pods', 'Pod');
export const SERVICE = resource('', 'v1', 'services', 'Service');
export const SECRET = resource('', 'v1', 'secrets', 'Secret');
export const CONFIG_MAP = resource('', 'v1', 'configmaps', 'ConfigMap');
export const SERVICE_ACCOUNT = resource('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const DEPLOYMENT = resource('apps', 'v1', 'deployments', 'Deployment');
export const REPLICA_SET = resource('apps', 'v1', 'replicasets', 'ReplicaSet');
export const INGRESS = resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress');
export const INGRESS_CLASS = resource('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', false);
export const NETWORK_POLICY = resource('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy');
export const HORIZONTAL_POD_AUTOSCALER = resource(
  'autoscaling',
  'v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
);
export const POD_DISRUPTION_BUDGET = resource('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget');
export const ENDPOINT_SLICE = resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const EVENT = resource('events.k8s.io', 'v1', 'events', 'Event');
export const LEASE = resource('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const ROLE = resource('rbac.authorization.k8s.io', 'v1', 'roles', 'Role');
export const ROLE_BINDING = resource('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding');
export const SUBJECT_ACCESS_REVIEW = resource(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  false,
);
export const CUSTOM_RESOURCE_DEFINITION = resource(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);

/** `apps/v1`, or `v1` for the core group: the value of `apiVersion` in a manifest. */
export function apiVersionOf(kind: ResourceKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** `/api/v1` or `/apis/apps/v1`: where discovery describes the group's version. */
export function groupVersionPath(kind: Pick<ResourceKind, 'group' | 'version'>): string {
  return kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
}

/** Path of the collection; without a namespace, the collection across all of them. */
export function collectionPath(kind: ResourceKind, namespace?: string): string {
  const root = groupVersionPath(kind);
  return kind.namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`;
}

/**
 * Path of one object, or of its subresource such as `status`.
 * @throws TypeError when the kind is namespaced and the reference names no namespace, or the name is empty: the path would
 * otherwise address the whole collection.
 */
export function objectPath(kind: ResourceKind, ref: ObjectRef, subresource?: string): string {
  if (ref.name === '') throw new TypeError(`a ${kind.kind} without a name has no path`);
  if (kind.namespaced && (ref.namespace === undefined || ref.namespace === '')) {
    throw new TypeError(`${kind.kind} ${ref.name} needs a namespace`);
  }
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
