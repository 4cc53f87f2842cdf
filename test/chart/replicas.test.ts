import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseDeployment } from './deployment.ts';
import { type Manifest, only, render } from './helm.ts';

const budgets = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ spec }) => spec);
const SELECTOR = {
  'app.kubernetes.io/name': 's3proxy-operator',
  'app.kubernetes.io/instance': 's3proxy-operator',
};

it('selects the pods by labels that never change: a Deployment cannot take another selector', async () => {
  expect(parseDeployment(only(await render(), 'Deployment')).selector.matchLabels).toEqual(SELECTOR);
});

describe('one replica', () => {
  it('has no disruption budget, which could keep nothing', async () => {
    expect(budgets(await render())).toEqual([]);
  });
});

describe('two replicas', () => {
  const two = () => render('replicas=2');

  it('may lose one pod at a time', async () => {
    expect(budgets(await two())).toEqual([
      { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: SELECTOR } },
    ]);
    expect(budgets(await render('replicas=2', 'podDisruptionBudget.enabled=false'))).toEqual([]);
  });

  it('are spread over nodes where possible', async () => {
    expect(parseDeployment(only(await two(), 'Deployment')).pod.topologySpreadConstraints).toEqual([
      {
        topologyKey: 'kubernetes.io/hostname',
        maxSkew: 1,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: SELECTOR },
        matchLabelKeys: ['pod-template-hash'],
      },
    ]);
  });

  it('are spread as the values say', async () => {
    const own = 'topologySpreadConstraints[0].labelSelector.matchLabels.app=x';
    const spread = async (...values: string[]) =>
      parseDeployment(only(await render(...values), 'Deployment')).pod.topologySpreadConstraints;
    expect(await spread('topologySpreadConstraints=null')).toBeUndefined();
    expect(await spread('topologySpreadConstraints[0].topologyKey=zone', own)).toEqual([
      { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } },
    ]);
  });

  it('are one behind the other: both are ready, one holds the Lease', async () => {
    const { strategy, environment } = parseDeployment(only(await two(), 'Deployment'));
    expect(strategy?.type).toBe('RollingUpdate');
    expect(environment.LEADER_ELECTION).toBe('true');
  });
});

describe('an upgrade of the chart alone', () => {
  it('leaves the pods as they are: no label of theirs has a version', async () => {
    const { template } = parseDeployment(only(await render(), 'Deployment'));
    expect(z.record(z.string(), z.string()).parse(template.metadata.labels)).toEqual({
      ...SELECTOR,
      'app.kubernetes.io/component': 'operator',
      'app.kubernetes.io/part-of': 's3proxy',
    });
  });
});
