import { expect, test } from 'vitest';
import type { LiveDeployment } from './deployment-state.ts';
import { createRollouts } from './rollouts.ts';

const KEY = 'web/photos';
const DONE = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };

function deployment(generation: number, seen: number, manifest = 'a', status = DONE): LiveDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'photos',
      namespace: 'web',
      generation,
      annotations: { 's3proxy-operator/applied-manifest': manifest },
    },
    spec: { replicas: 1 },
    status: { observedGeneration: seen, ...status },
  };
}

function setUp() {
  const clock = { now: 1_000 };
  const rollouts = createRollouts(() => new Date(clock.now));
  const isComplete = (...args: Parameters<typeof deployment>) =>
    rollouts.stateOf(KEY, deployment(...args)).state.complete;
  return { clock, rollouts, isComplete };
}

test('one that was put right stays complete until it is seen', () => {
  const { rollouts, isComplete } = setUp();
  expect(isComplete(1, 1)).toBe(true);
  const edited = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
  expect(rollouts.stateOf(KEY, deployment(3, 2, 'a', edited))).toMatchObject({
    state: { complete: true, replicas: 1, ready: 1 },
    againMs: 10_000,
  });
  expect(isComplete(3, 3)).toBe(true);
});

test('one that nothing was done to yet stays complete however long that takes', () => {
  const { rollouts, isComplete, clock } = setUp();
  isComplete(1, 1);
  clock.now += 3_600_000;
  expect(rollouts.stateOf(KEY, deployment(3, 1))).toEqual({
    state: expect.objectContaining({ complete: true }),
  });
});

test('a controller that acted on the edit is not believed in for ever', () => {
  const { rollouts, isComplete, clock } = setUp();
  isComplete(1, 1);
  isComplete(3, 2);
  clock.now += 10_000;
  expect(rollouts.stateOf(KEY, deployment(3, 2))).toEqual({
    state: expect.objectContaining({ complete: false, message: expect.stringContaining('has not seen') }),
  });
});

test('each edit has time of its own', () => {
  const { isComplete, clock } = setUp();
  isComplete(1, 1);
  isComplete(3, 2);
  isComplete(3, 3);
  clock.now += 10_000;
  expect(isComplete(5, 4)).toBe(true);
});

test('one that is new, or of another manifest, has to be seen', () => {
  const { isComplete, rollouts } = setUp();
  expect(isComplete(1, 0)).toBe(false);
  isComplete(1, 1);
  expect(isComplete(2, 1, 'b')).toBe(false);
  // Back again before the other was seen: what its status tells may be of either.
  expect(isComplete(3, 1)).toBe(false);
  isComplete(3, 3);
  rollouts.forget(KEY);
  expect(isComplete(5, 3)).toBe(false);
});

test('what its controller says of its pods is told at once', () => {
  const { isComplete } = setUp();
  isComplete(1, 1);
  expect(isComplete(1, 1, 'a', { ...DONE, availableReplicas: 0 })).toBe(false);
  expect(isComplete(3, 1, 'a', { ...DONE, availableReplicas: 0 })).toBe(false);
});
