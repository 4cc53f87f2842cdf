import * as z from 'zod';
import { compareQuantities } from './quantity.ts';
import { quantity, quantityCel } from './quantity-field.ts';
import { type Rule, withRules } from './rules.ts';

const NAMES = ['cpu', 'memory', 'ephemeral-storage'] as const;
type Name = (typeof NAMES)[number];

const quantities = z.object({
  cpu: quantity('Processor cores, such as 250m.').optional(),
  memory: quantity('Memory, such as 64Mi.').optional(),
  'ephemeral-storage': quantity(
    'Local disk, such as 1Gi. The proxy itself writes nothing but its log.',
  ).optional(),
});

type Quantities = Partial<Record<Name, string | number | undefined>>;
interface Resources {
  requests?: Quantities | undefined;
  limits?: Quantities | undefined;
}

/** Container resources of the proxy. */
export const resourcesSchema = withRules(
  z
    .object({
      requests: quantities
        .optional()
        .describe(
          'What a pod is scheduled by. Default: cpu 50m and memory 64Mi, the latter with cache.memory added, or the limit if that is lower.',
        ),
      limits: quantities
        .optional()
        .describe(
          'What a pod may use at most. Default: memory 256Mi, with cache.memory added, or the request if that is higher; no limit for cpu.',
        ),
    })
    .describe('Compute resources of each proxy pod.'),
  ...NAMES.map(requestWithinLimit),
);

function requestWithinLimit(name: Name): Rule<Resources> {
  // CEL writes a field's "-" as "__dash__".
  const [request, limit] = ['requests', 'limits'].map(
    (list) => `self.${list}.${name.replaceAll('-', '__dash__')}`,
  );
  const present = `has(self.requests) && has(${request}) && has(self.limits) && has(${limit})`;
  return {
    cel: `!(${present}) || !${quantityCel(`${request}`)}.isGreaterThan(${quantityCel(`${limit}`)})`,
    message: `the request for ${name} must not exceed its limit`,
    fieldPath: name.includes('-') ? `.requests['${name}']` : `.requests.${name}`,
    holds: ({ requests, limits }) =>
      requests?.[name] === undefined ||
      limits?.[name] === undefined ||
      compareQuantities(requests[name], limits[name]) <= 0,
  };
}
