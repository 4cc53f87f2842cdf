/** Shapes every Kubernetes object shares, and the key that names one in a cache or a queue. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean | undefined;
  blockOwnerDeletion?: boolean | undefined;
}

/** Who wrote which fields, kept by the API server (Kubernetes "Server-Side Apply"). `fieldsV1` is a tree of `f:`/`k:`/`v:` keys. */
export interface ManagedFieldsEntry {
  manager?: string | undefined;
  operation?: 'Apply' | 'Update' | undefined;
  apiVersion?: string | undefined;
  time?: string | undefined;
  fieldsType?: string | undefined;
  fieldsV1?: Record<string, unknown> | undefined;
  subresource?: string | undefined;
}

/** ObjectMeta as it stands in JSON: times are RFC 3339 strings, absent maps and lists are absent. */
export interface ObjectMeta {
  name: string;
  generateName?: string | undefined;
  namespace?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  generation?: number | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  ownerReferences?: OwnerReference[] | undefined;
  finalizers?: string[] | undefined;
  managedFields?: ManagedFieldsEntry[] | undefined;
}

/** The part of an object that the runtime reads. Everything beside it is carried untouched. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object of which nothing more is known: every other field is `unknown`. */
export type AnyObject = KubeObject & { [field: string]: unknown };

/** A condition as in `metav1.Condition` (Kubernetes API conventions, "Typical status properties"). */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number | undefined;
}

/** Names one object of a known kind. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  name: string;
  namespace?: string | undefined;
}

/** `namespace/name`, or `name` alone when the object is cluster-scoped. */
export type ObjectKey = string;

/** The key of an object or reference. */
export function keyOf(object: KubeObject | ObjectRef): ObjectKey {
  const { name, namespace } = 'metadata' in object ? object.metadata : object;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The reference that names an object. */
export function refTo(object: KubeObject): ObjectRef {
  return { name: object.metadata.name, namespace: object.metadata.namespace };
}

/** The inverse of `keyOf`. Names hold no slash (RFC 1123 subdomains), so the first one separates. */
export function refOf(key: ObjectKey): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The reference that is marked `controller: true`, if any. An object has at most one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** A controller owner reference to `owner`, which must come from the API server (its uid is needed). */
export function ownerReferenceTo(owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata;
  if (uid === undefined)
    throw new TypeError(`${owner.kind} ${name} has no uid: it was never read from the API server`);
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
