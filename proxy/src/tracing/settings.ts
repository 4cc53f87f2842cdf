import * as z from 'zod';

// The standard variables of OpenTelemetry that decide about traces. Where spans go, with which headers, certificates and time limit, the exporter reads for
// itself; it would pass over what it does not understand, so that is looked at here. Source: OpenTelemetry specification, "Environment Variable Specification"
// and "OTLP Exporter Configuration".

const milliseconds = z.coerce.number().int().positive();
const count = z.coerce.number().int().positive();
const url = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
const protocol = z.literal('http/protobuf', { error: 'must be http/protobuf, the only one that is spoken' });
const headers = z
  .string()
  .regex(/^\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=[^,]*(?:,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=[^,]*)*,?\s*$/, {
    error: 'must be name=value pairs, separated by commas',
  });

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const variables = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers.optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds.optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds.optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds.default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count.default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count.default(512),
});

/** Names of the variables that are looked at where traces are wanted. */
export const tracingVariables: readonly string[] = Object.keys(variables.shape);

const schema = variables.refine((all) => all.OTEL_BSP_MAX_EXPORT_BATCH_SIZE <= all.OTEL_BSP_MAX_QUEUE_SIZE, {
  path: ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
  error: 'must not be more than OTEL_BSP_MAX_QUEUE_SIZE',
});

/** How traces are sampled and sent. */
export type TracingSettings = z.infer<typeof schema>;

/**
 * Reads the OTEL_* variables. Traces are wanted where a variable says so: an endpoint, or OTEL_TRACES_EXPORTER=otlp.
 * @param environment without blank variables
 * @returns undefined when no traces are wanted; then nothing else is looked at
 * @throws z.ZodError
 */
export function readTracingSettings(
  environment: Readonly<Record<string, string | undefined>>,
): TracingSettings | undefined {
  return isWanted(environment) ? schema.parse(environment) : undefined;
}

function isWanted(environment: Readonly<Record<string, string | undefined>>): boolean {
  const exporter = environment.OTEL_TRACES_EXPORTER;
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || exporter === 'none') return false;
  if (exporter !== undefined && exporter !== 'otlp') {
    const message = `must be otlp or none, not ${exporter}`;
    throw new z.ZodError([{ code: 'custom', path: ['OTEL_TRACES_EXPORTER'], message, input: exporter }]);
  }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = environment;
  return exporter === 'otlp' || all !== undefined || traces !== undefined;
}
