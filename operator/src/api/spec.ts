import * as z from 'zod';
import { authSchema } from './auth.ts';
import { bucketSchema } from './bucket.ts';
import { credentialsSchema } from './credentials.ts';
import { ingressSchema } from './ingress.ts';
import { withRules } from './rules.ts';
import { imageSchema, replicasSchema, resourcesSchema } from './workload.ts';

// Rules stand here and not on the block that they speak of when the block's default, {}, would break them: the API server
// judges a default before it fills in those inside of it.
export const specSchema = withRules(
  z
    .object({
      bucket: bucketSchema,
      credentials: credentialsSchema.prefault({}),
      ingress: ingressSchema.prefault({}),
      auth: authSchema.prefault({}),
      image: imageSchema.optional(),
      replicas: replicasSchema,
      resources: resourcesSchema.prefault({}),
    })
    .describe('What is wanted.'),
  {
    cel: '!self.ingress.enabled || has(self.ingress.host)',
    message: 'host is required while the Ingress is enabled; set it, or set ingress.enabled: false',
    fieldPath: '.ingress.host',
    holds: ({ ingress }) => !ingress.enabled || ingress.host !== undefined,
  },
);

/** A spec as the API server or a user gives it. */
export type S3ProxySpecInput = z.input<typeof specSchema>;
/** A spec with every default filled in. */
export type S3ProxySpec = z.output<typeof specSchema>;
