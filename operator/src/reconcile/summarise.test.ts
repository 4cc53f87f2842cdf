import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deploymentState } from './deployment-state.ts';
import { type Findings, summarise } from './summarise.ts';

const metadata = { name: 'photos', namespace: 'web', generation: 1 };
const complete = deploymentState({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
});
const starting = deploymentState({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { replicas: 1 },
});
const reachable = { reachable: 'True', reason: 'Reachable', message: 'The bucket answers.' } as const;
const well: Findings = { obstacles: [], deployment: complete, bucket: reachable };
const missing = { reason: 'SecretNotFound', message: 'Secret web/keys does not exist: create it.' } as const;

const find = (findings: Findings, type: string) => summarise(findings).find((each) => each.type === type);

test('all well: Ready, and nothing abnormal', () => {
  expect(summarise(well).map(({ type, status }) => `${type}=${status}`)).toEqual([
    'Ready=True',
    'BucketReachable=True',
  ]);
});

test('an obstacle stalls, and says so in Ready too', () => {
  const findings = { ...well, obstacles: [missing] };
  expect(find(findings, 'Ready')).toMatchObject({ status: 'False', ...missing });
  expect(find(findings, 'Stalled')).toMatchObject({ status: 'True', ...missing });
  expect(find(findings, 'Reconciling')).toBeUndefined();
});

test('a bucket out of reach explains pods that are not ready', () => {
  const bucket = { reachable: 'False', reason: 'NoSuchBucket', message: 'There is no bucket "x".' } as const;
  const findings = { ...well, deployment: starting, bucket };
  expect(find(findings, 'Ready')).toMatchObject({ reason: 'BucketUnreachable', message: bucket.message });
  expect(find(findings, 'BucketReachable')).toMatchObject({ status: 'False', reason: 'NoSuchBucket' });
  expect(find(findings, 'Reconciling')).toMatchObject({ status: 'True' });
});

test('no pod, as wanted: Ready, and it says that nothing is published', () => {
  const none = deploymentState({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 0 },
    status: { observedGeneration: 1 },
  });
  for (const bucket of [reachable, { ...reachable, reachable: 'False' } as const]) {
    const findings = { ...well, deployment: none, bucket };
    expect(find(findings, 'Ready')).toMatchObject({ status: 'True', reason: 'ScaledToZero' });
    expect(find(findings, 'BucketReachable')).toMatchObject({ status: 'Unknown' });
  }
});

test('no report is Unknown, not good news', () => {
  expect(find({ ...well, bucket: undefined }, 'BucketReachable')).toMatchObject({
    status: 'Unknown',
    reason: 'NotReported',
  });
});

test('never Ready with an abnormal condition, and never nothing at all', () => {
  const findings = fc.record({
    obstacles: fc.constantFrom([], [missing]),
    deployment: fc.constantFrom(undefined, complete, starting),
    bucket: fc.constantFrom(undefined, reachable),
  });
  fc.assert(
    fc.property(findings, (each) => {
      const isTrue = (type: string): boolean => find(each, type)?.status === 'True';
      expect([isTrue('Ready'), isTrue('Stalled'), isTrue('Reconciling')].filter(Boolean)).toHaveLength(1);
    }),
  );
});
