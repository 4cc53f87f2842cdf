import type * as z from 'zod';

/**
 * A list whose elements are told apart by `keys` (Kubernetes list type "map"): server-side apply merges it element by element,
 * and no two elements may have the same keys. Only for required keys.
 */
export function listMap<S extends z.ZodArray>(schema: S, ...keys: string[]): S {
  return schema
    .refine(
      (elements) => {
        const seen = elements.map((element) => keyOf(element, keys));
        return new Set(seen).size === seen.length;
      },
      { message: `no two entries may have the same ${keys.join(' and ')}` },
    )
    .meta({
      ...schema.meta(),
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': keys,
    });
}

function keyOf(element: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (element as Record<string, unknown>)[key]));
}
