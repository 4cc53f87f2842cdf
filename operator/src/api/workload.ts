import * as z from 'zod';
import { compareQuantities, QUANTITY } from './quantity.ts';
import { withRules } from './rules.ts';

function quantity(of: string) {
  return z
    .union([z.int().min(0), z.string().max(24).regex(QUANTITY)], {
      error: 'must be a quantity such as 250m or 64Mi',
    })
    .describe(of)
    .meta({ 'x-kubernetes-int-or-string': true });
}

const quantities = z.object({
  cpu: quantity('Processor cores, such as 250m.').optional(),
  memory: quantity('Memory, such as 64Mi.').optional(),
  'ephemeral-storage': quantity(
    'Local disk, such as 1Gi. The proxy itself writes nothing but its log.',
  ).optional(),
});

interface Resources {
  requests?: Partial<Record<(typeof NAMES)[number], string | number | undefined>> | undefined;
  limits?: Partial<Record<(typeof NAMES)[number], string | number | undefined>> | undefined;
}

/** CEL writes a field's "-" as "__dash__". */
function celField(name: string): string {
  return `.${name.replaceAll('-', '__dash__')}`;
}

const NAMES = ['cpu', 'memory', 'ephemeral-storage'] as const;

/** Container resources of the proxy. */
export const resourcesSchema = withRules(
  z
    .object({
      requests: quantities
        .optional()
        .describe(
          'What a pod is scheduled by. Default: cpu 50m and memory 64Mi, or the limit if that is lower.',
        ),
      limits: quantities
        .optional()
        .describe(
          'What a pod may use at most. Default: memory 256Mi, or the request if that is higher; no limit for cpu.',
        ),
    })
    .describe('Compute resources of each proxy pod.'),
  ...NAMES.map((name) => {
    const field = name === 'ephemeral-storage' ? "['ephemeral-storage']" : `.${name}`;
    const present = (list: string): string => `has(self.${list}) && has(self.${list}${celField(name)})`;
    const value = (list: string): string => `quantity(string(self.${list}${celField(name)}))`;
    return {
      cel: `!(${present('requests')} && ${present('limits')}) || !${value('requests')}.isGreaterThan(${value('limits')})`,
      message: `the request for ${name} must not exceed its limit`,
      fieldPath: `.requests${field}`,
      holds: ({ requests, limits }: Resources) => {
        const [request, limit] = [requests?.[name], limits?.[name]];
        return request === undefined || limit === undefined || compareQuantities(request, limit) <= 0;
      },
    };
  }),
);

export const imageSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?(\/[A-Za-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    {
      error: 'must be an image reference such as registry.example.com/s3proxy-proxy:1.2.3',
    },
  )
  .describe("Image of the proxy, in full. Absent: the operator's own version of it.");

export const replicasSchema = z
  .int()
  .min(0)
  .max(1000)
  .default(1)
  .describe('Number of proxy pods; 0 stops the proxy. Use 2 or more to survive the loss of a node.');
