import type { V1EnvVar } from '@kubernetes/client-node';
import type { ProxyVariable } from '@s3proxy/proxy/config';
import { wholeUnits } from '../api/quantity.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { S3ProxySpec } from '../api/spec.ts';
import { authEnforcement } from './auth-enforcement.ts';
import { contentConfig } from './content-config.ts';
import { type CredentialVariable, staticCredentials } from './credentials.ts';

/** Where the htpasswd Secret is mounted. A directory, since files mounted by subPath never change. */
export const HTPASSWD_DIRECTORY = '/etc/s3proxy/auth';
/** Key of the htpasswd Secret, and so the file's name. */
export const HTPASSWD_KEY = 'htpasswd';

/** Seconds for which a pod that is to go still takes requests, while ingress controllers and load balancers learn of it. */
const SHUTDOWN_DELAY_SECONDS = 10;
/** Seconds to spare at the end of the grace period. */
const SHUTDOWN_MARGIN_SECONDS = 5;

interface Variable extends V1EnvVar {
  name: ProxyVariable | CredentialVariable | `OTEL_${string}`;
}

type Values = Partial<Record<ProxyVariable, string | undefined>>;

/** OpenTelemetry's standard variables, by name. */
export type Telemetry = Readonly<Record<`OTEL_${string}`, string>>;

/**
 * The proxy's environment. What an absent block of the spec leaves to the proxy's own defaults is left out.
 * @param telemetry what every proxy gets; where there is any, the S3Proxy says who it is unless that says so
 */
export function proxyEnvironment(s3proxy: ValidS3Proxy, telemetry: Telemetry = {}): Variable[] {
  const { spec } = s3proxy;
  const values: Values = {
    ...bucketValues(spec),
    ...authValues(s3proxy),
    ...cacheValues(spec),
    CONTENT_CONFIG: text(contentConfig(spec)),
    SHUTDOWN_DELAY_SECONDS: String(SHUTDOWN_DELAY_SECONDS),
    SHUTDOWN_TIMEOUT_SECONDS: String(
      spec.podTemplate.terminationGracePeriodSeconds - SHUTDOWN_DELAY_SECONDS - SHUTDOWN_MARGIN_SECONDS,
    ),
    LOG_LEVEL: spec.logging.level,
    ACCESS_LOG: String(spec.logging.access),
  };
  const variables: Variable[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) variables.push({ name: name as ProxyVariable, value: literal(value) });
  }
  const credentials = staticCredentials(s3proxy);
  for (const { variable, key, optional } of credentials?.keys ?? []) {
    const secretKeyRef = { name: credentials?.secretName ?? '', key, ...(optional && { optional }) };
    variables.push({ name: variable, valueFrom: { secretKeyRef } });
  }
  for (const [name, value] of Object.entries(telemetryValues(s3proxy, telemetry)))
    variables.push({ name: name as keyof Telemetry, value: literal(value) });
  return variables;
}

function telemetryValues({ metadata }: ValidS3Proxy, telemetry: Telemetry): Telemetry {
  if (Object.keys(telemetry).length === 0) return {};
  const { OTEL_RESOURCE_ATTRIBUTES: attributes } = telemetry;
  const namespace = `k8s.namespace.name=${metadata.namespace}`;
  return {
    OTEL_SERVICE_NAME: metadata.name,
    ...telemetry,
    OTEL_RESOURCE_ATTRIBUTES: attributes ? `${namespace},${attributes}` : namespace,
  };
}

function bucketValues({ bucket }: S3ProxySpec): Values {
  return {
    S3_BUCKET: bucket.name,
    S3_PREFIX: folderPrefix(bucket.prefix),
    AWS_REGION: bucket.region,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    S3_FORCE_PATH_STYLE: bucket.forcePathStyle ? 'true' : undefined,
    S3_REQUEST_PAYER: bucket.requestPayer ? 'true' : undefined,
  };
}

function authValues(s3proxy: ValidS3Proxy): Values {
  if (authEnforcement(s3proxy) !== 'proxy') return {};
  return {
    AUTH_HTPASSWD_FILE: `${HTPASSWD_DIRECTORY}/${HTPASSWD_KEY}`,
    AUTH_REALM: s3proxy.spec.auth.basic.realm,
  };
}

function cacheValues({ cache }: S3ProxySpec): Values {
  if (cache === undefined) return {};
  return {
    CACHE_MAX_BYTES: String(wholeUnits(cache.memory)),
    CACHE_MAX_OBJECT_BYTES: String(wholeUnits(cache.maxObjectSize)),
    CACHE_TTL_SECONDS: String(cache.ttlSeconds),
    CACHE_STALE_WHILE_REVALIDATE_SECONDS: String(cache.staleWhileRevalidateSeconds),
    CACHE_STALE_IF_ERROR_SECONDS: String(cache.staleIfErrorSeconds),
  };
}

/** A prefix names a folder: without "/" at its end, `public` would publish `public-drafts/` too. */
function folderPrefix(prefix: string): string | undefined {
  if (prefix === '') return undefined;
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}

function text(value: object | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** The kubelet replaces `$(NAME)` in values by other variables, the secret key among them; `$$` stands for `$`. */
function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
