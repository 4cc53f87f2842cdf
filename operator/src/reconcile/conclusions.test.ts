import { expect, test, vi } from 'vitest';
import type { KubeObject } from '../kube/objects.ts';
import { createConclusions } from './conclusions.ts';

const s3proxy: KubeObject = {
  apiVersion: 's3proxy.dev/v1alpha1',
  kind: 'S3Proxy',
  metadata: { name: 'photos', namespace: 'web', uid: 'u1', generation: 1 },
};

/** Conclusions about one Secret whose version the test sets; the conclusion is until when it lasts. */
function setUp(lastsUntil = Number.POSITIVE_INFINITY) {
  const secret = { version: '5' as string | undefined };
  const written = new Map<string, string>();
  const clock = { now: 1_000 };
  const conclude = vi.fn(async () => lastsUntil);
  const conclusions = createConclusions<number>({
    versionOf: (key) => (key === 'web/photos-tls' ? secret.version : undefined),
    lastsUntil: (until) => until,
    now: () => new Date(clock.now),
  });
  const draw = (object = s3proxy, how = conclude) =>
    conclusions.draw({ s3proxy: object, secretNames: ['photos-tls'], written }, how);
  return { secret, written, clock, conclude, conclusions, draw };
}

test('is drawn once while nothing changes', async () => {
  const { draw, conclude } = setUp();
  await draw();
  expect(await draw()).toBe(Number.POSITIVE_INFINITY);
  expect(conclude).toHaveBeenCalledTimes(1);
});

test.each<[string, Partial<KubeObject['metadata']>]>([
  ['spec', { generation: 2 }],
  ['annotations', { annotations: { 's3proxy.dev/rotate': 'now' } }],
  ['incarnation', { uid: 'u2' }],
])('is drawn anew for another %s', async (_, change) => {
  const { draw, conclude } = setUp();
  await draw();
  await draw({ ...s3proxy, metadata: { ...s3proxy.metadata, ...change } });
  expect(conclude).toHaveBeenCalledTimes(2);
});

test.each(['6', undefined])('is drawn anew when a Secret is at version %s', async (version) => {
  const { draw, conclude, secret } = setUp();
  await draw();
  secret.version = version;
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
});

test('does not outlast what it was drawn for', async () => {
  const { draw, conclude, clock } = setUp(2_000);
  await draw();
  clock.now = 2_000;
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
});

test('is not kept when it does not last, nor when it failed', async () => {
  const { draw, conclude } = setUp(0);
  await draw();
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
  await expect(draw(s3proxy, vi.fn().mockRejectedValue(new Error('away')))).rejects.toThrow('away');
  await draw();
  expect(conclude).toHaveBeenCalledTimes(3);
});

test('a Secret that changes meanwhile may not be what it was drawn from', async () => {
  const { draw, conclude, secret } = setUp();
  conclude.mockImplementationOnce(async () => {
    secret.version = '6';
    return Number.POSITIVE_INFINITY;
  });
  await draw();
  await draw();
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
});

test('what the run itself wrote is what it was drawn from', async () => {
  const { draw, conclude, secret, written } = setUp();
  conclude.mockImplementationOnce(async () => {
    written.set('photos-tls', '6');
    secret.version = '6';
    return Number.POSITIVE_INFINITY;
  });
  await draw();
  await draw();
  expect(conclude).toHaveBeenCalledTimes(1);
  written.clear();
  secret.version = '7';
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
});

test('is forgotten with its S3Proxy', async () => {
  const { draw, conclude, conclusions } = setUp();
  await draw();
  conclusions.forget('web/photos');
  await draw();
  expect(conclude).toHaveBeenCalledTimes(2);
});
