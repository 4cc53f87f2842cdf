import { expect, test } from 'vitest';
import type { LiveDeployment } from './deployment-state.ts';
import { areTemplatesMixed, handoverLeft, podsAskForPassword } from './password-handover.ts';

const deployment = (secretName: string): LiveDeployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'photos' },
  spec: { template: { spec: { volumes: [{}, { secret: { secretName } }] } } },
});

test('pods that mount the htpasswd file ask for the password', () => {
  expect(podsAskForPassword(deployment('photos-htpasswd'), 'photos')).toBe(true);
  expect(podsAskForPassword(deployment('other'), 'photos')).toBe(false);
  expect(podsAskForPassword(undefined, 'photos')).toBe(false);
});

test('they go on for as long as the controller is given, whatever the clocks say', () => {
  const since = '2026-11-25T03:00:00Z';
  expect(handoverLeft(since, new Date('2026-11-25T03:00:00Z'), 20_000)).toBe(20_000);
  expect(handoverLeft(since, new Date('2026-11-25T03:00:15Z'), 20_000)).toBe(5_000);
  expect(handoverLeft(since, new Date('2026-11-25T03:00:20Z'), 20_000)).toBe(0);
  expect(handoverLeft(since, new Date('2026-11-26T00:00:00Z'), 20_000)).toBe(0);
  expect(handoverLeft(since, new Date('2026-11-24T00:00:00Z'), 20_000)).toBe(20_000);
  expect(handoverLeft('yesterday', new Date(), 20_000)).toBe(0);
});

test('pods of an older template count until they are gone', () => {
  const pod = (hash: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'photos-1', labels: { 'pod-template-hash': hash } },
  });
  expect(areTemplatesMixed([])).toBe(false);
  expect(areTemplatesMixed([pod('new'), pod('new')])).toBe(false);
  expect(areTemplatesMixed([pod('new'), pod('old')])).toBe(true);
});
