import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from './objects.ts';
import { type FieldTree, isAppliedBy } from './ownership.ts';

/** A full copy of what kubectl applied last, kept by kubectl for itself. */
const KUBECTL_COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** Distinct records kept for sharing. Far more than the shapes that one program applies. */
const MAX_SHARED = 1_000;

export interface TrimOptions {
  /** Keep what this manager owns by apply, for `differs`. Absent: drop all of `managedFields`. */
  fieldManager?: string | undefined;
  /** What is kept beside apiVersion, kind and metadata. Absent: all. */
  keep?: ((object: KubeObject) => object) | undefined;
}

/**
 * A reflector's transform that keeps little of an object. What a builder's objects record of their ownership is the same for all of them, but
 * for the owner's uid: so it is kept without that, and once for all.
 */
export function trim<T extends KubeObject>({ fieldManager, keep }: TrimOptions): (object: T) => T {
  const shared = new Map<string, ManagedFieldsEntry[]>();

  function share(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
    const text = JSON.stringify(entries);
    const known = shared.get(text);
    if (known !== undefined) return known;
    if (shared.size >= MAX_SHARED) shared.clear();
    shared.set(text, entries);
    return entries;
  }

  return (object) => {
    const { metadata } = object;
    if (fieldManager === undefined) {
      delete metadata.managedFields;
    } else if (metadata.managedFields !== undefined) {
      metadata.managedFields = share(
        metadata.managedFields
          .filter((entry) => isAppliedBy(entry, fieldManager))
          .map(({ manager, operation, apiVersion, fieldsV1 }) => ({
            manager,
            operation,
            apiVersion,
            fieldsV1: fieldsV1 && withoutOwners(fieldsV1 as FieldTree, metadata),
          })),
      );
    }
    delete metadata.annotations?.[KUBECTL_COPY];
    if (keep === undefined) return object;
    const { apiVersion, kind } = object;
    return { apiVersion, kind, metadata, ...keep(object) } as T;
  };
}

/** What names an object and its version, and nothing else of it. */
export function bare({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } };
}

/** The same tree, in which owner references that are all the object has are owned as a whole, and not by their uids. */
function withoutOwners(tree: FieldTree, { ownerReferences = [] }: ObjectMeta): FieldTree {
  const metadata = tree['f:metadata'];
  const owned = metadata?.['f:ownerReferences'];
  if (metadata === undefined || owned === undefined) return tree;
  const paths = Object.keys(owned).filter((path) => path !== '.');
  const all =
    paths.length === ownerReferences.length &&
    ownerReferences.every(({ uid }) => owned[`k:${JSON.stringify({ uid })}`] !== undefined);
  return all ? { ...tree, 'f:metadata': { ...metadata, 'f:ownerReferences': {} } } : tree;
}
