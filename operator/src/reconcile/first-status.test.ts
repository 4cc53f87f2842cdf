import { expect, test } from 'vitest';
import { S3PROXY, type S3Proxy } from '../api/s3proxy.ts';
import { apiVersionOf } from '../kube/resource-kind.ts';
import { createFirstStatus } from './first-status.ts';
import { reconciling, stalled } from './summarise.ts';

const s3proxy = (status?: S3Proxy['status']): S3Proxy => ({
  apiVersion: apiVersionOf(S3PROXY),
  kind: S3PROXY.kind,
  metadata: { name: 'photos', namespace: 'web' },
  spec: { bucket: { name: 'photos' } },
  ...(status !== undefined && { status }),
});
const [progressing] = reconciling('Progressing', 'Pods are being made.');
const [missing] = stalled('SecretNotFound', 'There is no Secret a.');

test('waits once, while others wait for a worker', () => {
  let busy = true;
  const first = createFirstStatus(() => busy);
  expect(first.mayWait(s3proxy(), progressing)).toBe(true);
  expect(first.mayWait(s3proxy(), progressing)).toBe(false);
  busy = false;
  expect(first.mayWait(s3proxy(), progressing)).toBe(false);
});

test('what a person must see to, and all of an S3Proxy that has a status, is told at once', () => {
  const first = createFirstStatus(() => true);
  expect(first.mayWait(s3proxy(), missing)).toBe(false);
  expect(first.mayWait(s3proxy({ conditions: [] }), progressing)).toBe(false);
});

test('one of the same name is another one', () => {
  const first = createFirstStatus(() => true);
  first.mayWait(s3proxy(), progressing);
  first.forget('web/photos');
  expect(first.mayWait(s3proxy(), progressing)).toBe(true);
});
