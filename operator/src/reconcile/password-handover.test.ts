import { expect, test } from 'vitest';
import type { LiveDeployment } from './deployment-state.ts';
import { handoverLeft, mountsHtpasswd, podsAskForPassword } from './password-handover.ts';

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

test('a pod asks that mounts the hashed password of its own S3Proxy', () => {
  const mounts = (secretName: string) => ({ volumes: [{}, { secret: { secretName } }] });
  expect(mountsHtpasswd(mounts('photos-htpasswd'), 'photos')).toBe(true);
  expect(mountsHtpasswd(mounts('videos-htpasswd'), 'photos')).toBe(false);
  expect(mountsHtpasswd({}, 'photos')).toBe(false);
});
