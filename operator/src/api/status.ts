import * as z from 'zod';
import { CONDITION_TYPES } from './conditions.ts';

/** metav1.Condition's own pattern for a reason. */
export const REASON_PATTERN = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

const conditionSchema = z
  .object({
    type: z
      .string()
      .max(316)
      .describe(`One of ${Object.values(CONDITION_TYPES).join(', ')}.`),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
    reason: z.string().min(1).max(1024).regex(REASON_PATTERN).describe('Why, in one CamelCase word.'),
    message: z.string().max(32768).describe('Why, in a sentence that says what to do next.'),
    observedGeneration: z.int().min(0).optional().describe('metadata.generation that this was said of.'),
    lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed.'),
  })
  .describe('One observation (metav1.Condition).');

export const statusSchema = z
  .object({
    observedGeneration: z
      .int()
      .min(-1)
      .optional()
      .describe('metadata.generation that the operator last acted on; -1 while it has not.'),
    conditions: z
      .array(conditionSchema)
      .max(16)
      .optional()
      .describe('What the operator observed, one entry a type.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
    url: z.string().max(1024).optional().describe('Where the bucket is published.'),
    replicas: z.int().min(0).optional().describe('Proxy pods that exist.'),
    readyReplicas: z.int().min(0).optional().describe('Proxy pods that are ready to serve.'),
    selector: z
      .string()
      .max(1024)
      .optional()
      .describe('Label selector of the proxy pods, as the scale subresource needs it.'),
    authSecretName: z
      .string()
      .max(253)
      .optional()
      .describe('Secret with user name and password of the basic authentication.'),
    tlsSecretName: z
      .string()
      .max(253)
      .optional()
      .describe('Secret with the certificate that the Ingress serves.'),
    tlsNotAfter: z
      .string()
      .meta({ format: 'date-time' })
      .optional()
      .describe('When that certificate expires.'),
  })
  .describe('What is. Written by the operator alone.');

/**
 * What an S3Proxy says while nothing was written. Without it kstatus takes an object that has no conditions for one that is as it should be, and a
 * release would be told done before it began.
 */
export const UNOBSERVED: S3ProxyStatus = { observedGeneration: -1 };

export type S3ProxyStatus = z.output<typeof statusSchema>;
