import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type HealthServer, startHealthServer } from '../../operator/src/kube/health.ts';
import { createRuntimeMetrics } from '../../operator/src/kube/metrics.ts';
import { registerBuildInfo } from '../../operator/src/reconcile/s3proxy-metrics.ts';
import { parseDeployment } from './deployment.ts';
import { type Manifest, only, render } from './helm.ts';

const podSchema = z.object({
  metadata: z.object({
    annotations: z.record(z.string(), z.string()),
    labels: z.record(z.string(), z.string()),
  }),
  spec: z.object({
    restartPolicy: z.literal('Never'),
    securityContext: z.unknown(),
    containers: z.tuple([
      z.object({
        image: z.string(),
        command: z.tuple([z.literal('node')], z.string()),
        args: z.array(z.string()),
        env: z.array(z.object({ name: z.string(), value: z.url() })),
        securityContext: z.unknown(),
      }),
    ]),
  }),
});

let manifests: Manifest[] = [];
beforeAll(async () => {
  manifests = await render();
});

describe('the pod of "helm test"', () => {
  it('is a test, of the image and under the restrictions of the operator', () => {
    const { metadata, spec } = podSchema.parse(only(manifests, 'Pod'));
    const { pod, container, selector } = parseDeployment(only(manifests, 'Deployment'));
    expect(metadata.annotations['helm.sh/hook']).toBe('test');
    expect(spec.securityContext).toEqual(pod.securityContext);
    expect(spec.containers[0].image).toBe(container.image);
    expect(spec.containers[0].securityContext).toEqual(container.securityContext);
    // Neither the Service nor the Deployment may take it for one of theirs.
    expect(metadata.labels).not.toMatchObject(selector.matchLabels);
  });

  it('asks the Service, on ports that it has', () => {
    const { spec } = podSchema.parse(only(manifests, 'Pod'));
    const service = z
      .object({
        metadata: z.object({ name: z.string() }),
        spec: z.object({ ports: z.array(z.object({ port: z.number() })) }),
      })
      .parse(only(manifests, 'Service'));
    for (const { value } of spec.containers[0].env) {
      const { hostname, port } = new URL(value);
      expect(hostname).toBe(`${service.metadata.name}.operators.svc`);
      expect(service.spec.ports.map((each) => each.port)).toContain(Number(port));
    }
  });
});

describe('its script', () => {
  let server: HealthServer | undefined;
  afterEach(() => server?.close());

  /** Runs what the pod would run, against a local operator's health server; what it printed. */
  async function run(problem: string | undefined): Promise<string> {
    const metrics = createRuntimeMetrics();
    registerBuildInfo(metrics.registry, '0.1.0');
    server = await startHealthServer({
      port: 0,
      host: '127.0.0.1',
      registry: metrics.registry,
      ready: { caches: () => problem },
    });
    const [{ command, args, env }] = podSchema.parse(only(manifests, 'Pod')).spec.containers;
    const local = env.map(({ name, value }) => [
      name,
      `http://127.0.0.1:${server?.port}${new URL(value).pathname}`,
    ]);
    const [, ...options] = command;
    const { stdout } = await promisify(execFile)(process.execPath, [...options, ...args], {
      env: { ...Object.fromEntries(local), PATIENCE_SECONDS: '0' },
    });
    return stdout;
  }

  it('is content with an operator that is ready', async () => {
    expect(await run(undefined)).toMatch(/ok: .*\/readyz\nok: .*\/metrics\n/);
  });

  it('fails, and says why, where it is not', async () => {
    await expect(run('waiting for the first list of s3proxies')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not ok: .*\/readyz answers 503: .*waiting for the first list/),
    });
  });
});
