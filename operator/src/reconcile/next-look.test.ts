import { describe, expect, test } from 'vitest';
import { STALLED_REASONS } from '../api/conditions.ts';
import { deploymentState } from './deployment-state.ts';
import { nextLook } from './next-look.ts';

const when = { lookAt: undefined, probeMs: 0, now: new Date() };

test.each([STALLED_REASONS.nameConflict, STALLED_REASONS.childRefused, STALLED_REASONS.kindNotInstalled])(
  'what no event tells the end of is looked at again: %s',
  (reason) => {
    const findings = { obstacles: [{ reason, message: 'x' }], deployment: undefined, bucket: undefined };
    expect(nextLook(findings, when)).toBeLessThanOrEqual(15_000);
  },
);

test.each([STALLED_REASONS.secretNotFound, STALLED_REASONS.invalidSpec])(
  'what an event tells the end of is not: %s',
  (reason) => {
    const findings = { obstacles: [{ reason, message: 'x' }], deployment: undefined, bucket: undefined };
    expect(nextLook(findings, when)).toBeUndefined();
  },
);

describe('proxies are asked for their bucket', () => {
  const now = new Date('2026-01-01T00:10:00Z');
  const deployment = deploymentState({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'photos', namespace: 'web', generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  });
  const after = (reachable: 'True' | 'False' | 'Unknown', seconds: number) =>
    nextLook(
      { obstacles: [], deployment, bucket: { reachable, reason: 'X', message: 'x' } },
      {
        ...when,
        now,
        probeMs: 30_000,
        unknownSince: reachable === 'Unknown' ? new Date(now.getTime() - seconds * 1_000) : undefined,
      },
    );

  test('now and then while it is well, and soon again when it is not', () => {
    expect(after('True', 0)).toBe(30_000);
    expect(after('False', 500)).toBe(3_000);
  });

  test('ever more seldom while nobody knows', () => {
    expect([0, 10, 500].map((seconds) => after('Unknown', seconds))).toEqual([3_000, 10_000, 30_000]);
  });
});

test('a certificate is renewed when it is due, however far that is', () => {
  const findings = { obstacles: [], deployment: undefined, bucket: undefined };
  const now = new Date('2026-01-01T00:00:00Z');
  const lookAt = new Date('2026-01-01T01:00:00Z');
  expect(nextLook(findings, { ...when, now, lookAt })).toBe(3_600_000);
  expect(nextLook(findings, { ...when, now, lookAt: new Date('2036-01-01') })).toBe(2 ** 31 - 1);
});
