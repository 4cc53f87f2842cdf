import type { KubeObject, ManagedFieldsEntry } from './objects.ts';

/** A `fieldsV1` tree: `f:name` a field, `k:{…}` a list element by its merge keys, `v:…` a set's element, `.` the node itself. */
export type FieldTree = { readonly [path: string]: FieldTree };

/** Metadata that server-side apply tracks. The rest names the object or belongs to the server. */
const TRACKED_METADATA = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

/** The entry for what `fieldManager` applied to the object itself, not to a subresource. */
export function isAppliedBy(entry: ManagedFieldsEntry, fieldManager: string): boolean {
  return entry.manager === fieldManager && entry.operation === 'Apply' && (entry.subresource ?? '') === '';
}

/** Fields that `fieldManager` owns by apply at `apiVersion`; undefined when there is no single such record. */
export function appliedFields(
  live: KubeObject,
  fieldManager: string,
  apiVersion: string,
): FieldTree | undefined {
  const entries = live.metadata.managedFields?.filter((entry) => isAppliedBy(entry, fieldManager)) ?? [];
  const [entry] = entries;
  return entries.length === 1 && entry?.apiVersion === apiVersion
    ? (entry.fieldsV1 as FieldTree | undefined)
    : undefined;
}

/**
 * Whether the fields of `desired` are exactly the ones in `owned`. A field missing from `owned` was changed or removed by someone
 * else since it was applied; a field missing from `desired` is to be removed. The tree itself says how lists are keyed and
 * which values are atomic, so no schema is needed.
 */
export function ownsExactly(owned: FieldTree, desired: KubeObject): boolean {
  const {
    apiVersion: _version,
    kind: _kind,
    status: _status,
    metadata,
    ...rest
  } = desired as KubeObject & {
    status?: unknown;
  };
  const tracked: Record<string, unknown> = {};
  for (const name of TRACKED_METADATA) {
    if (metadata[name] !== undefined) tracked[name] = metadata[name];
  }
  return matchesMap(owned, Object.keys(tracked).length === 0 ? rest : { ...rest, metadata: tracked });
}

function matches(owned: FieldTree, desired: unknown): boolean {
  // No children: a scalar, or a map or list that is owned as a whole.
  if (isEmpty(owned)) return true;
  if (Array.isArray(desired)) return matchesList(owned, desired);
  return typeof desired === 'object' && desired !== null && matchesMap(owned, desired);
}

function isEmpty(tree: FieldTree): boolean {
  for (const _ in tree) return false;
  return true;
}

function matchesMap(owned: FieldTree, desired: object): boolean {
  for (const [name, value] of Object.entries(desired)) {
    if (value === undefined || value === null) continue;
    const child = owned[`f:${name}`];
    if (child === undefined || !matches(child, value)) return false;
  }
  for (const path in owned) {
    if (path !== '.' && isUnwanted(path, desired)) return false;
  }
  return true;
}

/** Whether an owned path is absent from `desired`. One applied as null counts as present. */
function isUnwanted(path: string, desired: object): boolean {
  return !path.startsWith('f:') || (desired as Record<string, unknown>)[path.slice(2)] === undefined;
}

function matchesList(owned: FieldTree, desired: readonly unknown[]): boolean {
  const free = new Set(Object.keys(owned));
  free.delete('.');
  if (free.size !== desired.length) return false;
  const pairs: [path: string, element: unknown][] = [];
  // A merge key that an element leaves out was filled in by the server (a port's protocol): such elements choose last.
  const unsure: unknown[] = [];
  for (const element of desired) {
    const path = pathOf(element, free, 'exact');
    if (path === undefined) unsure.push(element);
    else free.delete(path);
    if (path !== undefined) pairs.push([path, element]);
  }
  for (const element of unsure) {
    const path = pathOf(element, free, 'defaulted');
    if (path === undefined) return false;
    free.delete(path);
    pairs.push([path, element]);
  }
  return pairs.every(([path, element]) => {
    const child = owned[path];
    return child !== undefined && (path.startsWith('v:') || matches(child, element));
  });
}

function pathOf(element: unknown, free: ReadonlySet<string>, fit: 'exact' | 'defaulted'): string | undefined {
  for (const path of free) {
    if (path.startsWith('v:') ? path.slice(2) === JSON.stringify(element) : fitOf(element, path) === fit) {
      return path;
    }
  }
  return undefined;
}

/** How the merge keys in a `k:{…}` path agree with an element: all, all that the element has, or not. */
function fitOf(element: unknown, path: string): 'exact' | 'defaulted' | undefined {
  if (!path.startsWith('k:') || typeof element !== 'object' || element === null) return undefined;
  const keys = JSON.parse(path.slice(2)) as Record<string, unknown>;
  let missing = 0;
  let equal = 0;
  for (const [name, value] of Object.entries(keys)) {
    const own = (element as Record<string, unknown>)[name];
    if (own === undefined) missing++;
    else if (own === value) equal++;
    else return undefined;
  }
  if (equal === 0) return undefined;
  return missing === 0 ? 'exact' : 'defaulted';
}
