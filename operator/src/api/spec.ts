import { z } from 'zod';
import { authSchema } from './auth.ts';
import { bucketSchema } from './bucket.ts';
import { credentialsSchema } from './credentials.ts';
import { ingressSchema } from './ingress.ts';
import { imageSchema, replicasSchema, resourcesSchema } from './workload.ts';

export const specSchema = z
  .object({
    bucket: bucketSchema,
    credentials: credentialsSchema.prefault({}),
    ingress: ingressSchema.prefault({}),
    auth: authSchema.prefault({}),
    image: imageSchema.optional(),
    replicas: replicasSchema,
    resources: resourcesSchema.prefault({}),
  })
  .describe('What is wanted.');

/** A spec as the API server or a user gives it. */
export type S3ProxySpecInput = z.input<typeof specSchema>;
/** A spec with every default filled in. */
export type S3ProxySpec = z.output<typeof specSchema>;
