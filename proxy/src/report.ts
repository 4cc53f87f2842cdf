import * as z from 'zod';

/**
 * Body of `GET /ready` on the management port: what the proxy itself last saw of its bucket. The operator reads it to fill
 * the BucketReachable condition. `reachable` has the three values of a Kubernetes condition; `reason` is a CamelCase word
 * and `message` a sentence without secrets, both fit for a condition.
 */
export const readinessReportSchema = z.object({
  ready: z.boolean(),
  bucket: z.object({
    reachable: z.enum(['True', 'False', 'Unknown']),
    reason: z.string().min(1),
    message: z.string(),
    checkedAt: z.iso.datetime().optional(),
  }),
});

export type ReadinessReport = z.output<typeof readinessReportSchema>;
export type BucketReport = ReadinessReport['bucket'];
