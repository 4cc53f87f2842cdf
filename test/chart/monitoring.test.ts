import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KNOWN_REASONS } from '../../operator/src/api/conditions.ts';
import { podTemplate } from '../../operator/src/resources/pod-template.ts';
import { validS3Proxy } from '../../operator/src/resources/testing/s3proxy.ts';
import type { StoreErrorKind } from '../../proxy/src/s3/store-error.ts';
import { parseDeployment } from './deployment.ts';
import { CHART, type Manifest, only, render } from './helm.ts';
import { mentionedIn } from './promql.ts';
import { registeredSeries } from './registered-metrics.ts';

const ALL = [
  'monitoring.serviceMonitor.enabled=true',
  'monitoring.podMonitor.enabled=true',
  'monitoring.prometheusRule.enabled=true',
  'monitoring.dashboard.enabled=true',
];

/** Labels that scraping adds: Prometheus' own, the Prometheus Operator's, and the PodMonitor's `s3proxy`. */
const TARGET_LABELS = ['namespace', 'pod', 'job', 'instance', 'container', 's3proxy'];

const ruleSchema = z.object({
  spec: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string(),
            expr: z.string(),
            for: z.string(),
            labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
            annotations: z.strictObject({
              summary: z.string().min(20),
              description: z.string().min(20),
              runbook: z.string().min(20),
            }),
          }),
        ),
      }),
    ),
  }),
});

const dashboardSchema = z.object({
  title: z.string(),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
  templating: z.object({ list: z.array(z.object({ name: z.string(), definition: z.string().optional() })) }),
});

const configMapSchema = z.object({ data: z.object({ 's3proxy.json': z.string() }) });
const monitorSchema = z.object({ spec: z.looseObject({}) });

const series = registeredSeries();

/** What an expression mentions that nobody exposes. */
function unknownIn(expression: string): string[] {
  const { metrics, labels } = mentionedIn(expression);
  const known = new Set([...TARGET_LABELS, ...metrics.flatMap((metric) => [...(series.get(metric) ?? [])])]);
  return [...metrics.filter((metric) => !series.has(metric)), ...labels.filter((label) => !known.has(label))];
}

let manifests: Manifest[] = [];
beforeAll(async () => {
  manifests = await render(...ALL);
});

it('makes nothing of all this unless told to', async () => {
  const kinds = (await render()).map(({ kind }) => kind);
  expect(kinds.filter((kind) => /Monitor|PrometheusRule|ConfigMap/.test(kind))).toEqual([]);
});

describe('the ServiceMonitor', () => {
  it("selects the operator's Service and a port that the pods have", async () => {
    const { spec } = monitorSchema.parse(only(manifests, 'ServiceMonitor'));
    const service = z
      .object({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.object({ ports: z.array(z.object({ name: z.string(), targetPort: z.string() })) }),
      })
      .parse(only(manifests, 'Service'));
    const { container } = parseDeployment(only(manifests, 'Deployment'));
    const { selector, endpoints } = z
      .object({
        selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
        endpoints: z.tuple([z.object({ port: z.string(), honorLabels: z.literal(true) })]),
      })
      .parse(spec);
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    const port = service.spec.ports.find(({ name }) => name === endpoints[0].port);
    expect(container.ports).toContainEqual({ name: port?.targetPort, containerPort: 8080 });
  });

  it('has the labels by which Prometheus selects it', async () => {
    const labels = { 'monitoring.serviceMonitor.labels.release': 'stack' };
    const more = await render(...ALL, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`));
    expect(only(more, 'ServiceMonitor').metadata).toMatchObject({ labels: { release: 'stack' } });
  });
});

describe('the PodMonitor', () => {
  const podMonitor = z.object({
    namespaceSelector: z.unknown(),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    podMetricsEndpoints: z.tuple([
      z.object({ port: z.string(), relabelings: z.array(z.object({ targetLabel: z.string() })) }),
    ]),
  });

  it('selects the pods that the operator makes, by a port that they have', () => {
    const { spec } = monitorSchema.parse(only(manifests, 'PodMonitor'));
    const { selector, podMetricsEndpoints, namespaceSelector } = podMonitor.parse(spec);
    const template = podTemplate(validS3Proxy(), 'image', {});
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    const ports = template.spec.containers.flatMap((container) => container.ports ?? []);
    expect(ports).toContainEqual(
      expect.objectContaining({ name: podMetricsEndpoints[0].port, containerPort: 9090 }),
    );
    expect(podMetricsEndpoints[0].relabelings.map(({ targetLabel }) => targetLabel)).toEqual(['s3proxy']);
    expect(namespaceSelector).toEqual({ any: true });
  });

  it('looks where the operator works', async () => {
    const { spec } = monitorSchema.parse(
      only(await render(...ALL, 'watchNamespaces={one,two}'), 'PodMonitor'),
    );
    expect(podMonitor.parse(spec).namespaceSelector).toEqual({ matchNames: ['one', 'two'] });
  });
});

describe('the alerts', () => {
  const rulesOf = (from: readonly Manifest[]) =>
    ruleSchema.parse(only(from, 'PrometheusRule')).spec.groups.flatMap(({ rules }) => rules);

  it('use metrics and labels that exist, by a grammar that Prometheus reads', () => {
    const unknown = rulesOf(manifests).map(({ alert, expr }) => [alert, unknownIn(expr)]);
    expect(unknown).toEqual(unknown.map(([alert]) => [alert, []]));
    expect(unknown.length).toBeGreaterThan(10);
  });

  it('name in their text only labels that they have', () => {
    for (const { alert, expr, annotations } of rulesOf(manifests)) {
      const named = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label]) => label);
      expect(mentionedIn(expr).labels, alert).toEqual(expect.arrayContaining(named));
    }
  });

  it('are listed in the README, with what they weigh', async () => {
    const readme = await readFile(join(CHART, 'README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `(S3Proxy\w+)` +\| (\w+)/gm)].map(
      ([, alert, severity]) => `${alert} ${severity}`,
    );
    expect(listed).toEqual(rulesOf(manifests).map(({ alert, labels }) => `${alert} ${labels.severity}`));
  });

  it('have names of their own', () => {
    const names = rulesOf(manifests).map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
  });

  it('match reasons and kinds of failure that exist', () => {
    const text = rulesOf(manifests)
      .map(({ expr }) => expr)
      .join('\n');
    const reasons = [...text.matchAll(/reason!?="(\w+)"/g)].map(([, reason]) => reason ?? '');
    expect(reasons.filter((reason) => !KNOWN_REASONS.has(reason))).toEqual([]);
    // Typed by the proxy: a kind that is renamed there fails the type check here.
    const failures: StoreErrorKind[] = [
      'slow-down',
      'credentials',
      'bucket',
      'server',
      'connection',
      'timeout',
      'protocol',
    ];
    expect(text).toContain(`result=~"${failures.join('|')}"`);
  });

  it('take their limits from the values', async () => {
    const rules = rulesOf(
      await render(
        ...ALL,
        'monitoring.prometheusRule.certificateExpiresInDays=7',
        'monitoring.prometheusRule.errorPercent=3',
        'monitoring.prometheusRule.p99Milliseconds=500',
      ),
    );
    const expr = (name: string) => rules.find(({ alert }) => alert === name)?.expr;
    expect(expr('S3ProxyCertificateExpiresSoon')).toMatch(/< 604800$/);
    expect(expr('S3ProxyErrors')).toMatch(/> 0\.03$/);
    expect(expr('S3ProxySlow')).toMatch(/> 0\.5\n/);
  });

  it('do not ask who leads where nobody has to', async () => {
    const rules = rulesOf(await render(...ALL, 'leaderElection.enabled=false'));
    expect(rules.map(({ alert }) => alert)).not.toContain('S3ProxyOperatorNotLeading');
  });
});

describe('the dashboard', () => {
  const dashboardOf = (from: readonly Manifest[]) =>
    dashboardSchema.parse(JSON.parse(configMapSchema.parse(only(from, 'ConfigMap')).data['s3proxy.json']));
  const expand = (expression: string): string => expression.replaceAll('$__rate_interval', '5m');

  it('uses metrics and labels that exist', () => {
    const { panels, templating } = dashboardOf(manifests);
    const expressions = panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => [title, expand(expr)] as const),
    );
    expect(expressions.length).toBeGreaterThan(30);
    const unknown = expressions.map(([title, expr]) => [title, unknownIn(expr)]);
    expect(unknown).toEqual(unknown.map(([title]) => [title, []]));
    for (const { definition } of templating.list) {
      const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
      if (definition === undefined) continue;
      expect(unknownIn(`sum by (${label}) (${selector})`), definition).toEqual([]);
    }
  });

  it('uses variables that it has, and in legends labels that the expression has', () => {
    const { panels, templating } = dashboardOf(manifests);
    const variables = templating.list.map(({ name }) => name);
    for (const { title, targets } of panels) {
      for (const { expr, legendFormat } of targets) {
        const used = [...expand(expr).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
        expect(variables, title).toEqual(expect.arrayContaining(used));
        const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        const { labels } = mentionedIn(expand(expr));
        expect([...labels, 'pod'], title).toEqual(expect.arrayContaining(legend));
      }
    }
  });

  it('has panels that do not overlap', () => {
    const { panels } = dashboardOf(manifests);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x},${y}`), title).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('is found by the sidecar, in the namespace that it looks in', async () => {
    const found = only(await render(...ALL, 'monitoring.dashboard.namespace=grafana'), 'ConfigMap');
    expect(found.metadata).toMatchObject({ namespace: 'grafana', labels: { grafana_dashboard: '1' } });
  });
});
