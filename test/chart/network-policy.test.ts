import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { podTemplate } from '../../operator/src/resources/pod-template.ts';
import { validS3Proxy } from '../../operator/src/resources/testing/s3proxy.ts';
import { parseDeployment } from './deployment.ts';
import { only, render } from './helm.ts';

const labels = z.record(z.string(), z.string());
const ports = z.array(z.object({ protocol: z.string(), port: z.union([z.string(), z.number()]) }));
const peers = z.array(
  z.looseObject({ podSelector: z.looseObject({ matchLabels: labels.optional() }).optional() }),
);
const policySchema = z.object({
  podSelector: z.object({ matchLabels: labels }),
  policyTypes: z.tuple([z.literal('Ingress'), z.literal('Egress')]),
  ingress: z.array(z.strictObject({ ports, from: peers.optional() })),
  egress: z.array(z.strictObject({ ports, to: peers.optional() })),
});

async function policy(...values: string[]) {
  const manifests = await render('networkPolicy.enabled=true', ...values);
  return { ...policySchema.parse(only(manifests, 'NetworkPolicy').spec), manifests };
}

it('is not there unless told to', async () => {
  expect((await render()).filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});

describe('the NetworkPolicy', () => {
  it("holds for the operator's pods, and names ports that they have", async () => {
    const { podSelector, ingress, manifests } = await policy();
    const { template, container } = parseDeployment(only(manifests, 'Deployment'));
    expect(template.metadata.labels).toMatchObject(podSelector.matchLabels);
    const named = ingress.flatMap((rule) => rule.ports.map(({ port }) => port));
    expect(named.sort()).toEqual(container.ports.map(({ name }) => name).sort());
  });

  it('lets the operator look up names, and reach the API server and the proxies, no more', async () => {
    const { egress } = await policy();
    const [dns, apiServer, proxies, ...others] = egress;
    expect(others).toEqual([]);
    expect(dns?.ports.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(['UDP 53', 'TCP 53']);
    expect(apiServer).toEqual({
      ports: [
        { protocol: 'TCP', port: 443 },
        { protocol: 'TCP', port: 6443 },
      ],
    });
    const template = podTemplate(validS3Proxy(), 'image', {});
    const management = template.spec.containers[0]?.ports?.find(({ name }) => name === 'management');
    expect(proxies?.ports).toEqual([{ protocol: 'TCP', port: management?.containerPort }]);
    expect(proxies?.to).toMatchObject([{ namespaceSelector: {} }]);
    expect(template.metadata.labels).toMatchObject(
      proxies?.to?.[0]?.podSelector?.matchLabels ?? { none: 'none' },
    );
  });

  it('reaches proxies only where the operator works', async () => {
    const { egress } = await policy('watchNamespaces={one,two}');
    expect(egress[2]?.to?.[0]?.namespaceSelector).toEqual({
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['one', 'two'] }],
    });
  });

  it('takes the address of the API server', async () => {
    const { egress } = await policy('networkPolicy.apiServer.cidrs={10.0.0.1/32}');
    expect(egress[1]?.to).toEqual([{ ipBlock: { cidr: '10.0.0.1/32' } }]);
  });

  it('lets Prometheus and "helm test" in where metrics are not for everybody', async () => {
    const { ingress, manifests } = await policy(
      'networkPolicy.allowMetricsFrom[0].podSelector.matchLabels.app=prometheus',
    );
    const [prometheus, trial] = ingress.find(({ from }) => from !== undefined)?.from ?? [];
    expect(prometheus).toEqual({ podSelector: { matchLabels: { app: 'prometheus' } } });
    const { metadata } = z.object({ metadata: z.object({ labels }) }).parse(only(manifests, 'Pod'));
    expect(metadata.labels).toEqual(trial?.podSelector?.matchLabels);
  });
});
