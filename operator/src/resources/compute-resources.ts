import { addQuantities, canonicalQuantity, compareQuantities } from '../api/quantity.ts';
import type { S3ProxySpec } from '../api/spec.ts';

/** What the proxy itself needs, without a cache. */
const DEFAULT_CPU_REQUEST = '50m';
const DEFAULT_MEMORY_REQUEST = '64Mi';
const DEFAULT_MEMORY_LIMIT = '256Mi';

type Quantity = string | number;

export interface ComputeResources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/**
 * The container's resources in canonical form. A default gives way where it would contradict what the spec says: a
 * request never exceeds its limit.
 */
export function computeResources({
  resources,
  cache,
}: Pick<S3ProxySpec, 'resources' | 'cache'>): ComputeResources {
  const withCache = (own: string): string => (cache === undefined ? own : addQuantities(own, cache.memory));
  const { limits: limited = {}, requests: requested = {} } = resources;
  const requests = {
    cpu: lower(DEFAULT_CPU_REQUEST, limited.cpu),
    memory: lower(withCache(DEFAULT_MEMORY_REQUEST), limited.memory),
    ...requested,
  };
  const limits = { memory: higher(withCache(DEFAULT_MEMORY_LIMIT), requests.memory), ...limited };
  return { requests: canonical(requests), limits: canonical(limits) };
}

function lower(a: Quantity, b: Quantity | undefined): Quantity {
  return b !== undefined && compareQuantities(b, a) < 0 ? b : a;
}

function higher(a: Quantity, b: Quantity | undefined): Quantity {
  return b !== undefined && compareQuantities(b, a) > 0 ? b : a;
}

function canonical(quantities: Record<string, Quantity | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quantities).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, canonicalQuantity(value)]],
    ),
  );
}
