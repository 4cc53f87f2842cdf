import * as z from 'zod';

/** Ports the proxy listens on. The first is the seed project's and part of the contract. */
export const HTTP_PORT = 5000;
export const MANAGEMENT_PORT = 9090;

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(1).max(65535);

/**
 * The proxy's environment: the one contract between operator and proxy. The operator's Deployment builder is typed by
 * its keys, so a renamed variable fails the type check. AWS_* names are those of the AWS SDKs; the credential chain reads
 * further ones (AWS_ACCESS_KEY_ID, AWS_ROLE_ARN, …) by itself.
 */
export const environmentSchema = z.object({
  S3_BUCKET: z.string().min(1).describe('Name of the bucket to publish.'),
  S3_PREFIX: z.string().default('').describe('Key prefix put before every request path, such as "public/".'),
  S3_FORCE_PATH_STYLE: flag
    .default(false)
    .describe('Address the bucket as a path segment instead of a host name.'),
  AWS_REGION: z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  AWS_ENDPOINT_URL_S3: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Endpoint of an S3-compatible store.'),
  PORT: port.default(HTTP_PORT).describe('Port that serves objects and /health.'),
  MANAGEMENT_PORT: port.default(MANAGEMENT_PORT).describe('Port that serves /ready and /metrics.'),
  AUTH_HTPASSWD_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('htpasswd file; when set, basic auth is enforced.'),
  AUTH_REALM: z.string().min(1).default('s3proxy').describe('Realm named in the basic-auth challenge.'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The parsed environment. */
export type ProxyConfig = z.output<typeof environmentSchema>;

/** Names of the variables the proxy reads. */
export type ProxyVariable = keyof z.input<typeof environmentSchema>;

/**
 * Reads the environment.
 * @throws Error with one message that lists every fault by variable name
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ProxyConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The environment is not usable:\n${faults.join('\n')}`);
}
