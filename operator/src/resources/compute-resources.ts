import { canonicalQuantity, compareQuantities } from '../api/quantity.ts';
import type { S3ProxySpec } from '../api/spec.ts';

const DEFAULT_REQUESTS = { cpu: '50m', memory: '64Mi' };
const DEFAULT_LIMITS = { memory: '256Mi' };

type Quantity = string | number;

export interface ComputeResources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/**
 * The container's resources in canonical form. A default gives way where it would contradict what the spec says: a
 * request never exceeds its limit.
 */
export function computeResources(given: S3ProxySpec['resources']): ComputeResources {
  const limited = given.limits ?? {};
  const requests = {
    cpu: lower(DEFAULT_REQUESTS.cpu, limited.cpu),
    memory: lower(DEFAULT_REQUESTS.memory, limited.memory),
    ...given.requests,
  };
  const limits = { memory: higher(DEFAULT_LIMITS.memory, requests.memory), ...given.limits };
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
