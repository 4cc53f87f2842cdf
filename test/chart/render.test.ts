import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { environmentSchema, readConfig } from '../../operator/src/config.ts';
import { parseDeployment } from './deployment.ts';
import { CHART, helm, type Manifest, only, render } from './helm.ts';

const version = '0.1.0';

it('passes the linter', async () => {
  expect(await helm('lint', '--strict', CHART)).toContain('1 chart(s) linted, 0 chart(s) failed');
});

it('has the version of the packages', async () => {
  const packageJson: { version: string } = JSON.parse(await readFile(join(CHART, '../package.json'), 'utf8'));
  expect(packageJson.version).toBe(version);
  expect(await helm('show', 'chart', CHART)).toMatch(`\nversion: ${version}\n`);
});

describe('with the default values', () => {
  let manifests: Manifest[] = [];
  beforeAll(async () => {
    manifests = await render();
  });

  it('makes these objects', () => {
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'ClusterRole operators:s3proxy-operator',
      'ClusterRole operators:s3proxy-operator-edit',
      'ClusterRole operators:s3proxy-operator-view',
      'ClusterRoleBinding operators:s3proxy-operator',
      'CustomResourceDefinition s3proxies.s3proxy.dev',
      'Deployment s3proxy-operator',
      'Pod s3proxy-operator-test',
      'Role s3proxy-operator-leader-election',
      'RoleBinding s3proxy-operator-leader-election',
      'Service s3proxy-operator',
      'ServiceAccount s3proxy-operator',
      'ValidatingAdmissionPolicy s3proxy-operator.operators',
      'ValidatingAdmissionPolicyBinding s3proxy-operator.operators',
    ]);
  });

  it('puts every namespaced object into the namespace of the release', () => {
    const namespaced = manifests.filter(
      ({ kind }) => !/^(ClusterRole|CustomResource|ValidatingAdmission)/.test(kind),
    );
    expect(namespaced.map(({ metadata }) => metadata.namespace)).toEqual(namespaced.map(() => 'operators'));
  });

  it('gives the operator an environment that it takes, and knows every variable of', () => {
    const { environment } = parseDeployment(only(manifests, 'Deployment'));
    expect(readConfig(environment)).toMatchObject({
      PROXY_IMAGE: `s3proxy:${version}`,
      WATCH_NAMESPACES: [],
      LEADER_ELECTION: true,
      LEASE_NAME: 's3proxy-operator',
      METRICS_PORT: 8080,
      HEALTH_PORT: 8081,
    });
    // The proxies' telemetry is handed on only where the values name some.
    const { PROXY_TELEMETRY: _, ...always } = environmentSchema.shape;
    expect(Object.keys(environment).sort()).toEqual(Object.keys(always).sort());
  });

  it('says the same as the operator would by itself', () => {
    const { environment } = parseDeployment(only(manifests, 'Deployment'));
    const { PROXY_IMAGE, POD_NAME, POD_NAMESPACE } = readConfig(environment);
    expect(readConfig(environment)).toEqual(readConfig({ PROXY_IMAGE, POD_NAME, POD_NAMESPACE }));
  });

  it('keeps the definition of S3Proxies when the release goes', () => {
    const { annotations } = only(manifests, 'CustomResourceDefinition').metadata;
    expect(annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });
});

describe('images', () => {
  const digest = `sha256:${'0a'.repeat(32)}`;
  it.each([
    [[], `s3proxy-operator:${version}`],
    [
      ['image.repository=registry.example:5000/team/operator'],
      `registry.example:5000/team/operator:${version}`,
    ],
    [['image.tag=2.3.4'], 's3proxy-operator:2.3.4'],
    [[`image.digest=${digest}`], `s3proxy-operator@${digest}`],
    [['image.tag=2.3.4', `image.digest=${digest}`], `s3proxy-operator:2.3.4@${digest}`],
    [['image.tag=null', 'image.digest=null'], `s3proxy-operator:${version}`],
  ])('%j', async (values, reference) => {
    expect(parseDeployment(only(await render(...values), 'Deployment')).container.image).toBe(reference);
  });

  it('hands the proxy image on in the same way', async () => {
    const manifests = await render(
      'proxyImage.repository=registry.example/proxy',
      `proxyImage.digest=${digest}`,
    );
    const { environment } = parseDeployment(only(manifests, 'Deployment'));
    expect(environment.PROXY_IMAGE).toBe(`registry.example/proxy@${digest}`);
  });
});

it('replaces the pod rather than running two when there is no Lease', async () => {
  const manifests = await render('leaderElection.enabled=false');
  expect(parseDeployment(only(manifests, 'Deployment')).strategy?.type).toBe('Recreate');
  expect(manifests.filter(({ kind }) => kind === 'Role')).toEqual([]);
});

it('does not let pod labels take the place of those that select the pod', async () => {
  const { selector, template } = parseDeployment(
    only(await render('podLabels.app\\.kubernetes\\.io/name=other', 'podLabels.team=web'), 'Deployment'),
  );
  expect(template.metadata.labels).toMatchObject({ ...selector.matchLabels, team: 'web' });
});

it('leaves the definition out on request', async () => {
  expect((await render('crds.enabled=false')).some(({ kind }) => kind === 'CustomResourceDefinition')).toBe(
    false,
  );
});

it('lets the definition go with the release on request', async () => {
  const { annotations } = only(await render('crds.keep=false'), 'CustomResourceDefinition').metadata;
  expect(annotations?.['helm.sh/resource-policy']).toBeUndefined();
});

it('hands the variables of OpenTelemetry on to the proxies', async () => {
  const telemetry = async (...values: string[]) =>
    parseDeployment(only(await render(...values), 'Deployment')).environment.PROXY_TELEMETRY;
  expect(await telemetry()).toBeUndefined();
  expect(
    JSON.parse(String(await telemetry('proxyTelemetry.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318'))),
  ).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
});

describe('refuses, with a message that names the value,', () => {
  it.each([
    [
      'replicas=2,leaderElection.enabled=false',
      /replicas is greater than 1 and leaderElection\.enabled is false/,
    ],
    ['image.tga=1', /'\/image': additional properties 'tga' not allowed/],
    ['replicaCount=3', /additional properties 'replicaCount' not allowed/],
    ['watchNamespaces={Team A}', /'\/watchNamespaces\/0'/],
    ['logLevel=loud', /'\/logLevel': value must be one of/],
    ['concurrency=0', /'\/concurrency': minimum/],
    ['proxyTelemetry.PATH=/', /'\/proxyTelemetry': additional properties 'PATH' not allowed/],
    ['proxyImage.digest=latest', /'\/proxyImage\/digest'/],
    ['monitoring.prometheusRule.errorPercent=0', /'\/monitoring\/prometheusRule\/errorPercent': minimum/],
    ['monitoring.serviceMonitor.interval=often', /'\/monitoring\/serviceMonitor\/interval'/],
    ['networkPolicy.allowMetricsFrom[0].app=x', /'\/networkPolicy\/allowMetricsFrom\/0'/],
    ['networkPolicy.apiServer.cidrs={everywhere}', /'\/networkPolicy\/apiServer\/cidrs\/0'/],
  ])('%s', async (values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });
});
