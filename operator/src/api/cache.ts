import * as z from 'zod';
import { compareQuantities } from './quantity.ts';
import { quantity, quantityCel } from './quantity-field.ts';
import { type Rule, withRules } from './rules.ts';

const seconds = z.int().min(0).max(31_536_000);

/** More memory than a pod has, and still an exact integer. */
const LARGEST = '1Ti';

export const cacheSchema = withRules(
  z
    .object({
      memory: quantity(
        'Memory for cached objects in each pod. 0 switches the cache off. The defaults of resources grow by it.',
      ).default('64Mi'),
      maxObjectSize: quantity('Larger objects are not cached.').default('1Mi'),
      ttlSeconds: seconds
        .default(60)
        .describe(
          "The store is asked again after this long, or sooner if the object's own Cache-Control says so.",
        ),
      staleWhileRevalidateSeconds: seconds
        .default(0)
        .describe(
          'For this long after ttlSeconds, the cached object is served at once and asked for in the background.',
        ),
      staleIfErrorSeconds: seconds
        .default(300)
        .describe(
          'For this long after ttlSeconds, the cached object is served when the store cannot be asked.',
        ),
    })
    .describe(
      'A cache in the memory of each pod. Objects marked no-store or private are not kept. Absent: none, every request asks the store.',
    ),
  ...(['memory', 'maxObjectSize'] as const).map(
    (name): Rule<Record<typeof name, string | number>> => ({
      cel: `!${quantityCel(`self.${name}`)}.isGreaterThan(quantity('${LARGEST}'))`,
      message: `${name} must not exceed ${LARGEST}`,
      fieldPath: `.${name}`,
      holds: (cache) => compareQuantities(cache[name], LARGEST) <= 0,
    }),
  ),
);
