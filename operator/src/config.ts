import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(0).max(65535);
const names = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .transform((list) => list.filter((name) => name !== ''));

const telemetry = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      context.addIssue(`must be JSON: ${error instanceof Error ? error.message : String(error)}`);
      return z.NEVER;
    }
  })
  .pipe(z.record(z.templateLiteral(['OTEL_', z.string().regex(/^[A-Z_]+$/)]), z.string()));

/** The operator's environment, set by its chart. */
export const environmentSchema = z.object({
  WATCH_NAMESPACES: names.prefault('').describe('Comma-separated namespaces to work in; empty for all.'),
  PROXY_IMAGE: z.string().min(1).describe('Proxy image for S3Proxies that name none.'),
  PROXY_TELEMETRY: telemetry
    .prefault('{}')
    .describe('OTEL_* variables of every proxy, as a JSON object of strings.'),
  POD_NAMESPACE: z
    .string()
    .min(1)
    .default('default')
    .describe("The operator's own namespace: holds its Lease."),
  POD_NAME: z
    .string()
    .min(1)
    .default('s3proxy-operator')
    .describe('Names this replica in the Lease and in events.'),
  LEADER_ELECTION: flag
    .default(true)
    .describe('Work only while holding the Lease; off for a lone local process.'),
  LEASE_NAME: z.string().min(1).default('s3proxy-operator'),
  CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('S3Proxies reconciled at a time.'),
  RESYNC_SECONDS: z.coerce
    .number()
    .min(0)
    .default(36_000)
    .describe('Every S3Proxy is looked at again about this often.'),
  PROBE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(30)
    .describe('How often proxies are asked for their bucket; 0: never.'),
  HANDOVER_SECONDS: z.coerce
    .number()
    .min(0)
    .default(20)
    .describe(
      'How long an ingress controller is given to ask for the password as its Ingress says, before the proxies stop asking.',
    ),
  METRICS_PORT: port.default(8080),
  HEALTH_PORT: port.default(8081),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type OperatorConfig = z.output<typeof environmentSchema>;

/**
 * Reads the environment.
 * @throws Error with one message that lists every fault by variable name.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): OperatorConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The environment is not usable:\n${faults.join('\n')}`);
}
