const DECIMAL = /^(0|[1-9]\d*)$/;

/**
 * Whether version `a` is later than `b`. Versions of one resource type are decimal numbers that grow (Kubernetes API concepts,
 * "Resource versions", made official by KEP-5504). False when either is not such a number: nothing can be said then.
 */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !DECIMAL.test(a) || !DECIMAL.test(b)) return false;
  return a.length === b.length ? a > b : a.length > b.length;
}
