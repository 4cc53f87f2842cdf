import { expect, test } from 'vitest';
import { STALLED_REASONS } from '../api/conditions.ts';
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

test('a certificate is renewed when it is due, however far that is', () => {
  const findings = { obstacles: [], deployment: undefined, bucket: undefined };
  const now = new Date('2026-01-01T00:00:00Z');
  const lookAt = new Date('2026-01-01T01:00:00Z');
  expect(nextLook(findings, { ...when, now, lookAt })).toBe(3_600_000);
  expect(nextLook(findings, { ...when, now, lookAt: new Date('2036-01-01') })).toBe(2 ** 31 - 1);
});
