import { environmentSchema } from '@s3proxy/proxy/config';
import { contentConfigSchema } from '@s3proxy/proxy/content-config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validSpec } from '../api/testing/spec-arbitrary.ts';
import { buildDeployment, CREDENTIALS_CHECKSUM_ANNOTATION } from './deployment.ts';
import type { Telemetry } from './proxy-environment.ts';
import type { Secret } from './secret.ts';
import { secretData } from './secret.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const inputs = { image: 'example.com/s3proxy-proxy:1.0.0' };

function keys(data: Record<string, string>): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data: secretData(data) };
}

function pod(
  ...[spec, given = inputs]: [Parameters<typeof validS3Proxy>[0]?, Parameters<typeof buildDeployment>[1]?]
) {
  const { template } = buildDeployment(validS3Proxy(spec), given).spec;
  const container = template.spec?.containers[0];
  if (template.spec === undefined || container === undefined) throw new Error('no pod');
  const env = Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  );
  return { spec: template.spec, container, env, annotations: template.metadata?.annotations };
}

test('selector and template agree, and a new pod is ready before an old one goes', () => {
  const { spec, metadata } = buildDeployment(validS3Proxy(), inputs);
  expect(spec.template.metadata?.labels).toMatchObject(spec.selector.matchLabels ?? {});
  expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 's3proxy-operator' });
  expect(metadata.ownerReferences).toMatchObject([{ kind: 'S3Proxy', name: 'photos', controller: true }]);
  expect(spec.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  expect(spec.replicas).toBe(1);
});

test('the pod satisfies the Restricted Pod Security Standard', () => {
  const { spec, container } = pod();
  expect(spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
});

test("the image is the spec's, else the operator's", () => {
  expect(pod().container.image).toBe(inputs.image);
  expect(pod({ image: 'example.com/mine@sha256:'.concat('a'.repeat(64)) }).container.image).toMatch(/mine/);
});

test('a pod that stops is known not to be ready well before it stops listening', () => {
  const { container, env } = pod();
  const { periodSeconds = 10, failureThreshold = 3 } = container.readinessProbe ?? {};
  // Traefik gathers changes for two seconds; the rest is for the kubelet, the API server and the controllers on the way.
  const restSeconds = 5;
  expect(periodSeconds * failureThreshold + restSeconds).toBeLessThanOrEqual(
    Number(env.SHUTDOWN_DELAY_SECONDS),
  );
});

describe('environment', () => {
  test('of the smallest S3Proxy', () => {
    expect(pod().env).toEqual({
      S3_BUCKET: 'my-bucket',
      AWS_REGION: 'eu-west-1',
      AUTH_HTPASSWD_FILE: '/etc/s3proxy/auth/htpasswd',
      AUTH_REALM: 's3proxy',
      SHUTDOWN_DELAY_SECONDS: '10',
      SHUTDOWN_TIMEOUT_SECONDS: '105',
      LOG_LEVEL: 'info',
      ACCESS_LOG: 'true',
    });
  });

  test('of an S3-compatible store with static keys', () => {
    const { env, spec } = pod({
      bucket: { name: 'my-bucket', endpoint: 'http://minio:9000', forcePathStyle: true, prefix: 'public' },
      credentials: { secretRef: { name: 'keys', accessKeyIdKey: 'id' } },
    });
    expect(env).toMatchObject({
      S3_PREFIX: 'public/',
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ENDPOINT_URL_S3: 'http://minio:9000',
      AWS_ACCESS_KEY_ID: { secretKeyRef: { name: 'keys', key: 'id' } },
      AWS_SECRET_ACCESS_KEY: { secretKeyRef: { name: 'keys', key: 'AWS_SECRET_ACCESS_KEY' } },
      AWS_SESSION_TOKEN: { secretKeyRef: { name: 'keys', key: 'AWS_SESSION_TOKEN', optional: true } },
    });
    expect(spec.serviceAccountName).toBe('photos');
  });

  test('a value never refers to another variable', () => {
    const { env } = pod({ bucket: { name: 'my-bucket', prefix: '$(AWS_SECRET_ACCESS_KEY)' } });
    expect(env.S3_PREFIX).toBe('$$(AWS_SECRET_ACCESS_KEY)/');
  });

  test('tells where traces go and whose they are, where anything is said of them', () => {
    const telemetry = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_RESOURCE_ATTRIBUTES: 'team=$(AWS_SECRET_ACCESS_KEY)',
    };
    const env = (given: Telemetry) =>
      Object.fromEntries(
        Object.entries(pod({}, { ...inputs, telemetry: given }).env).filter(([name]) =>
          name.startsWith('OTEL_'),
        ),
      );
    expect(env({})).toEqual({});
    expect(env(telemetry)).toEqual({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace.name=web,team=$$(AWS_SECRET_ACCESS_KEY)',
      OTEL_SERVICE_NAME: 'photos',
    });
    expect(env({ ...telemetry, OTEL_SERVICE_NAME: 'all' }).OTEL_SERVICE_NAME).toBe('all');
  });

  test('is one that the proxy accepts', () => {
    fc.assert(
      fc.property(validSpec, (spec) => {
        const { env } = pod(spec);
        const seen = Object.fromEntries(
          Object.entries(env).map(([name, value]) => [
            name,
            typeof value === 'string' ? value.replaceAll('$$', '$') : 'from a Secret',
          ]),
        );
        expect(environmentSchema.safeParse(seen).error).toBeUndefined();
        expect(seen.S3_PREFIX ?? '').toMatch(/^$|\/$/);
        expect(contentConfigSchema.safeParse(JSON.parse(seen.CONTENT_CONFIG ?? '{}')).error).toBeUndefined();
      }),
    );
  });
});

test('a cache and content settings reach the proxy', () => {
  const { env } = pod({
    cache: { memory: '1Mi', maxObjectSize: 1024, staleWhileRevalidateSeconds: 5 },
    content: { indexDocument: 'index.html', headers: [{ name: 'X-Frame-Options', value: 'DENY' }] },
    logging: { level: 'debug', access: false },
  });
  expect(env).toMatchObject({
    CACHE_MAX_BYTES: '1048576',
    CACHE_MAX_OBJECT_BYTES: '1024',
    CACHE_TTL_SECONDS: '60',
    CACHE_STALE_WHILE_REVALIDATE_SECONDS: '5',
    CACHE_STALE_IF_ERROR_SECONDS: '300',
    LOG_LEVEL: 'debug',
    ACCESS_LOG: 'false',
  });
  expect(JSON.parse(String(env.CONTENT_CONFIG))).toMatchObject({
    indexDocument: 'index.html',
    headers: [{ name: 'X-Frame-Options', value: 'DENY' }],
  });
});

test('another role restarts the pods, which have the one of their start', () => {
  const template = (credentials?: object) =>
    buildDeployment(validS3Proxy({ ...(credentials && { credentials }) }), inputs).spec.template;
  const role = (name: string) => template({ roleArn: `arn:aws:iam::123456789012:role/${name}` });
  expect(template()).not.toEqual(role('a'));
  expect(role('a')).not.toEqual(role('b'));
  expect(role('a')).toEqual(role('a'));
});

test('an autoscaler alone sets the number of pods', () => {
  const { spec } = buildDeployment(validS3Proxy({ replicas: 3, autoscaling: { maxReplicas: 5 } }), inputs);
  expect('replicas' in spec).toBe(false);
});

test('settings of the pods come through and do not touch the labels that select them', () => {
  const tolerations = [{ key: 'spot', operator: 'Exists' as const }];
  const { spec } = buildDeployment(
    validS3Proxy({
      podTemplate: {
        labels: { team: 'web' },
        annotations: { note: 'x' },
        nodeSelector: { disk: 'ssd' },
        tolerations,
        topologySpreadConstraints: [],
        terminationGracePeriodSeconds: 30,
      },
    }),
    inputs,
  );
  expect(spec.template.metadata).toMatchObject({
    labels: { team: 'web', 'app.kubernetes.io/instance': 'photos' },
    annotations: { note: 'x' },
  });
  expect(spec.selector?.matchLabels).not.toHaveProperty('team');
  expect(spec.template.spec).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations,
    topologySpreadConstraints: undefined,
    terminationGracePeriodSeconds: 30,
  });
});

test('liveness is asked elsewhere when /health is an object', () => {
  const port = (container: ReturnType<typeof pod>['container']) => container.livenessProbe?.httpGet?.port;
  expect(port(pod().container)).toBe('http');
  expect(port(pod({ content: { publishHealthKey: true } }).container)).toBe('management');
});

test('without authentication nothing is mounted', () => {
  const { env, spec, container } = pod({ auth: { basic: { enabled: false } } });
  expect(env.AUTH_HTPASSWD_FILE).toBeUndefined();
  expect(spec.volumes).toBeUndefined();
  expect(container.volumeMounts).toBeUndefined();
});

test('only a change of the keys that the proxy reads restarts the pods', () => {
  const spec = { credentials: { secretRef: { name: 'keys' } } };
  const checksum = (data: Record<string, string>) =>
    pod(spec, { ...inputs, credentials: keys(data) }).annotations?.[CREDENTIALS_CHECKSUM_ANNOTATION];
  const both = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  expect(checksum(both)).toBe(checksum({ ...both, unrelated: 'x' }));
  expect(checksum(both)).not.toBe(checksum({ ...both, AWS_SECRET_ACCESS_KEY: 'c' }));
  expect(checksum(both)).not.toBe(checksum({ ...both, AWS_SESSION_TOKEN: 'c' }));
  expect(pod(spec).annotations).toBeUndefined();
});
