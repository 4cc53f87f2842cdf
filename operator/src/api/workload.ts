import { z } from 'zod';

/** Quantity as in k8s.io/apimachinery, `resource.Quantity`: number and suffix. */
export const QUANTITY =
  /^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$/;

const quantity = z
  .union([z.int(), z.string().max(64).regex(QUANTITY)], { error: 'must be a quantity such as 250m or 64Mi' })
  .meta({ 'x-kubernetes-int-or-string': true });

const quantities = z.record(z.string(), quantity).meta({ maxProperties: 16 });

/** Container resources of the proxy. Given in part, the other parts keep their defaults. */
export const resourcesSchema = z
  .object({
    requests: quantities.optional().describe('What a pod is scheduled by. Default: cpu 50m, memory 64Mi.'),
    limits: quantities
      .optional()
      .describe('What a pod may use at most. Default: memory 256Mi, and no limit for cpu.'),
  })
  .describe('Compute resources of each proxy pod.');

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
