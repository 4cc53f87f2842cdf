import { expect, test } from 'vitest';
import { deploymentState, type LiveDeployment } from './deployment-state.ts';

function deployment(status: LiveDeployment['status'], replicas = 2, generation = 3): LiveDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'photos', namespace: 'web', generation },
    spec: { replicas },
    status: { observedGeneration: 3, ...status },
  };
}

test('complete when all wanted pods are new and available and none is old', () => {
  const state = deploymentState(
    deployment({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }),
  );
  expect(state).toMatchObject({ complete: true, serving: true, wanted: 2, ready: 2, message: '' });
});

test('a status of an older generation is not believed', () => {
  const state = deploymentState(
    deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
  );
  expect(state).toMatchObject({ complete: false, serving: true });
});

test('an old pod still stopping keeps the rollout open', () => {
  const state = deploymentState(deployment({ replicas: 3, updatedReplicas: 2, availableReplicas: 3 }));
  expect(state).toMatchObject({ complete: false });
  expect(state.message).toContain('older template');
});

test('no replicas wanted is complete and serves nothing', () => {
  expect(deploymentState(deployment({}, 0))).toMatchObject({ complete: true, serving: false });
});

test("the controller's own words explain a failure", () => {
  const message = 'pods "x" is forbidden: exceeded quota';
  const conditions = [{ type: 'ReplicaFailure', status: 'True', message }];
  expect(deploymentState(deployment({ conditions })).message).toMatch(
    `${message}. If it stays so: kubectl -n web describe pods -l app.kubernetes.io/name=s3proxy,`,
  );
});
