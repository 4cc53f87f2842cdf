import * as z from 'zod';

/** Ports the proxy listens on. The first is the seed project's and part of the contract. */
export const HTTP_PORT = 5000;
export const MANAGEMENT_PORT = 9090;

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(1).max(65535);
const seconds = z.coerce
  .number()
  .min(0)
  .max(86_400 * 365);
const wait = z.coerce.number().min(0.1).max(3600);
const bytes = z.coerce.number().int().min(0);

/**
 * The proxy's environment: the one contract between operator and proxy. The operator's Deployment builder is typed by
 * its keys, so a renamed variable fails the type check. AWS_* names are those of the AWS SDKs; the credential chain reads
 * further ones (AWS_ACCESS_KEY_ID, AWS_ROLE_ARN, …) by itself, and OpenTelemetry reads OTEL_*.
 */
export const environmentSchema = z.object({
  S3_BUCKET: z.string().min(1).describe('Name of the bucket to publish.'),
  S3_PREFIX: z.string().default('').describe('Key prefix put before every request path, such as "public/".'),
  S3_FORCE_PATH_STYLE: flag
    .default(false)
    .describe('Address the bucket as a path segment instead of a host name.'),
  S3_REQUEST_PAYER: flag.default(false).describe('Pay for requests to a requester-pays bucket.'),
  AWS_REGION: z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  AWS_ENDPOINT_URL_S3: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Endpoint of an S3-compatible store.'),
  S3_CONNECT_TIMEOUT_SECONDS: wait.default(3).describe('To a usable connection, TLS included.'),
  S3_RESPONSE_TIMEOUT_SECONDS: wait.default(10).describe("From a request to the response's headers."),
  S3_IDLE_TIMEOUT_SECONDS: wait.default(20).describe('Between two pieces of a body.'),
  S3_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(10).default(3).describe('Tries of one request in all.'),
  S3_MAX_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(1024)
    .describe('Connections to the store, per process. Each download under way takes one.'),
  PORT: port.default(HTTP_PORT).describe('Port that serves objects and /health.'),
  MANAGEMENT_PORT: port.default(MANAGEMENT_PORT).describe('Port that serves /ready, /health and /metrics.'),
  HTTP_HEADERS_TIMEOUT_SECONDS: wait
    .default(15)
    .describe("For a request's headers, from the connection or from the request before it."),
  HTTP_BODY_TIMEOUT_SECONDS: wait
    .default(15)
    .describe("For a request's body on top of that. It is never read, but it must end."),
  HTTP_KEEP_ALIVE_SECONDS: wait
    .default(95)
    .describe(
      'An unused connection stays open for this long: longer than load balancers keep theirs, so that they never meet one that is closing.',
    ),
  HTTP_IDLE_TIMEOUT_SECONDS: wait
    .default(120)
    .describe('An answer that makes no progress for this long, because nobody reads it, is given up.'),
  AUTH_HTPASSWD_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('htpasswd file; when set, basic auth is enforced.'),
  AUTH_REALM: z
    .string()
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
    .default('s3proxy')
    .describe('Realm named in the basic-auth challenge.'),
  TRUSTED_PROXIES: z
    .string()
    .default('loopback,linklocal,uniquelocal')
    .describe('Addresses or CIDR ranges whose X-Forwarded-For is believed, comma-separated; empty for none.'),
  CACHE_MAX_BYTES: bytes
    .default(0)
    .describe('Memory for cached objects, of all processes together; 0 switches the cache off.'),
  CACHE_MAX_OBJECT_BYTES: bytes.default(1_048_576).describe('Larger objects are not cached.'),
  CACHE_TTL_SECONDS: seconds
    .default(60)
    .describe('A cached object is asked for again after this long, or sooner if its own headers say so.'),
  CACHE_STALE_WHILE_REVALIDATE_SECONDS: seconds
    .default(0)
    .describe('For this long after its TTL, it is still served at once and asked for in the background.'),
  CACHE_STALE_IF_ERROR_SECONDS: seconds
    .default(300)
    .describe('For this long after its TTL, it is served when the store cannot be asked.'),
  CONTENT_CONFIG: z
    .string()
    .min(1)
    .optional()
    .describe('How objects are presented, as JSON; see content-config.ts.'),
  CONTENT_CONFIG_FILE: z.string().min(1).optional().describe('File that holds the same JSON.'),
  WORKERS: z.coerce
    .number()
    .int()
    .min(0)
    .max(256)
    .default(1)
    .describe('Processes that serve; 0: one per core.'),
  SHUTDOWN_DELAY_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(3)
    .describe(
      'Requests are still accepted for this long after SIGTERM, while endpoints and load balancers catch up.',
    ),
  SHUTDOWN_TIMEOUT_SECONDS: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(25)
    .describe('Requests under way get this long to finish.'),
  ACCESS_LOG: flag.default(true).describe('One JSON line per request.'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The parsed environment. */
export type ProxyConfig = z.output<typeof environmentSchema>;

/** Names of the variables the proxy reads. */
export type ProxyVariable = keyof z.input<typeof environmentSchema>;
