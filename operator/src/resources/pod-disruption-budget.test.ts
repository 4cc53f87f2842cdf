import { expect, test } from 'vitest';
import { buildPodDisruptionBudget } from './pod-disruption-budget.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const specOf = (spec: object) => buildPodDisruptionBudget(validS3Proxy(spec))?.spec;

test('a lone pod has none, and neither has who wants none', () => {
  expect(specOf({})).toBeUndefined();
  expect(specOf({ autoscaling: { maxReplicas: 1 } })).toBeUndefined();
  expect(specOf({ replicas: 2, podDisruptionBudget: { enabled: false } })).toBeUndefined();
});

test('one pod may go at a time', () => {
  expect(specOf({ replicas: 2 })).toMatchObject({ maxUnavailable: 1 });
});

test('an autoscaler may make many pods, though it begins with one', () => {
  expect(specOf({ autoscaling: { maxReplicas: 20 } })).toMatchObject({ maxUnavailable: 1 });
});

test('the spec may say otherwise', () => {
  const spec = specOf({ replicas: 4, podDisruptionBudget: { minAvailable: '50%' } });
  expect(spec).toMatchObject({ minAvailable: '50%' });
  expect(spec).not.toHaveProperty('maxUnavailable');
});
