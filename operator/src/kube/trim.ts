import type { KubeObject } from './objects.ts';
import { isAppliedBy } from './ownership.ts';

/** A full copy of what kubectl applied last, kept by kubectl for itself. */
const KUBECTL_COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** Distinct subtrees kept for sharing. Far more than the shapes that one program applies. */
const MAX_SHARED = 5_000;

export interface TrimOptions {
  /** Keep what this manager owns by apply, for `differs`. Absent: drop all of `managedFields`. */
  fieldManager?: string | undefined;
  /** What is kept beside apiVersion, kind and metadata. Absent: all. */
  keep?: ((object: KubeObject) => object) | undefined;
}

/**
 * A reflector's transform that keeps little of an object. Ownership trees are nearly the same for all objects that one builder
 * makes, so equal subtrees are kept once and shared.
 */
export function trim<T extends KubeObject>({ fieldManager, keep }: TrimOptions): (object: T) => T {
  const shared = new Map<string, unknown>();

  function share(tree: unknown, depth: number): unknown {
    if (depth > 0 && typeof tree === 'object' && tree !== null) {
      return Object.fromEntries(Object.entries(tree).map(([path, child]) => [path, share(child, depth - 1)]));
    }
    const text = JSON.stringify(tree);
    const known = shared.get(text);
    if (known !== undefined) return known;
    if (shared.size >= MAX_SHARED) shared.clear();
    shared.set(text, tree);
    return tree;
  }

  return (object) => {
    const { metadata } = object;
    if (fieldManager === undefined) {
      delete metadata.managedFields;
    } else if (metadata.managedFields !== undefined) {
      metadata.managedFields = metadata.managedFields
        .filter((entry) => isAppliedBy(entry, fieldManager))
        .map(({ manager, operation, apiVersion, fieldsV1 }) => ({
          manager,
          operation,
          apiVersion,
          // Two levels down, for beside the shared shapes stands one owner's uid.
          fieldsV1: share(fieldsV1, 2) as Record<string, unknown>,
        }));
    }
    delete metadata.annotations?.[KUBECTL_COPY];
    if (keep === undefined) return object;
    const { apiVersion, kind } = object;
    return { apiVersion, kind, metadata, ...keep(object) } as T;
  };
}
