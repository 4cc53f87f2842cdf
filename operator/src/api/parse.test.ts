import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { s3proxyObject } from '../resources/testing/s3proxy.ts';
import { describeFaults, parseS3Proxy } from './parse.ts';
import type { S3ProxySpecInput } from './spec.ts';
import { validSpec } from './testing/spec-arbitrary.ts';

function faultsOf(spec: object, name?: string): string[] {
  const parsed = parseS3Proxy(s3proxyObject(spec as Partial<S3ProxySpecInput>, name));
  return parsed.ok ? [] : parsed.faults.map(({ path }) => path);
}

test('the smallest spec gets its defaults', () => {
  const parsed = parseS3Proxy(s3proxyObject());
  expect(parsed.ok && parsed.s3proxy.spec).toEqual({
    bucket: { name: 'my-bucket', region: 'eu-west-1', forcePathStyle: false, prefix: '' },
    credentials: {},
    ingress: { enabled: true, host: 's3proxy.dummy.local', path: '/' },
    auth: { basic: { enabled: true, username: 's3proxy', realm: 's3proxy' } },
    replicas: 1,
    resources: {},
  });
});

describe('each fault names its field', () => {
  const bucket = { name: 'my-bucket' };
  const host = 'photos.example.com';
  test.each<[field: string, spec: object]>([
    ['spec.bucket.name', { bucket: {} }],
    ['spec.bucket.name', { bucket: { name: 'ab' } }],
    ['spec.bucket.name', { bucket: { name: 'Upper' } }],
    ['spec.bucket.name', { bucket: { name: 'a..b' } }],
    ['spec.bucket.name', { bucket: { name: '10.0.0.1' } }],
    ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'minio:9000' } }],
    ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'http://user:password@minio' } }],
    ['spec.bucket.endpoint', { bucket: { ...bucket, endpoint: 'http://minio:65536' } }],
    ['spec.bucket.prefix', { bucket: { ...bucket, prefix: '/public' } }],
    ['spec.bucket.prefix', { bucket: { ...bucket, prefix: 'a\nb' } }],
    ['spec.ingress.host', { ingress: {} }],
    ['spec.ingress.host', { ingress: { host: '10.0.0.1' } }],
    ['spec.ingress.host', { ingress: { host: 'Photos.example.com' } }],
    ['spec.ingress.host', { ingress: { host: `${'a'.repeat(64)}.example.com` } }],
    ['spec.ingress.path', { ingress: { host, path: 'a' } }],
    ['spec.ingress.path', { ingress: { host, path: '/a/../b' } }],
    ['spec.ingress.path', { ingress: { host, path: '/a;b' } }],
    ['spec.ingress.tls', { ingress: { host, tls: { selfSigned: {}, secretName: 'a' } } }],
    ['spec.ingress.annotations', { ingress: { host, annotations: { 'x/server-snippet': '' } } }],
    ['spec.ingress.annotations', { ingress: { host, annotations: { 's3proxy.dev/source': '' } } }],
    [
      'spec.credentials',
      { credentials: { roleArn: 'arn:aws:iam::123456789012:role/a', serviceAccountName: 'a' } },
    ],
    ['spec.credentials.roleArn', { credentials: { roleArn: 'photos' } }],
    ['spec.auth.basic.username', { auth: { basic: { username: 'a:b' } } }],
    ['spec.auth.basic.realm', { auth: { basic: { realm: 'a"b' } } }],
    ['spec.replicas', { replicas: -1 }],
    ['spec.resources.requests.cpu', { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }],
    ['spec.resources.limits.memory', { resources: { limits: { memory: '1GB' } } }],
    ['spec.image', { image: 'not an image' }],
  ])('%s in %j', (field, spec) => {
    expect(faultsOf(spec)).toEqual([field]);
  });

  test.each(['a'.repeat(53), '1photos', 'pho.tos', 'photos-'])('the name %s', (name) => {
    expect(faultsOf({}, name)).toEqual(['metadata.name']);
  });
});

test('all faults are told at once, without the values', () => {
  const parsed = parseS3Proxy(s3proxyObject({ bucket: { name: 'NO' }, replicas: 1.5 }));
  const told = parsed.ok ? '' : describeFaults(parsed.faults);
  expect(told).toContain('spec.bucket.name: ');
  expect(told).toContain('spec.replicas: ');
  expect(told).not.toContain('NO');
});

test('an object that was never stored is refused', () => {
  const { metadata, ...rest } = s3proxyObject();
  const parsed = parseS3Proxy({ ...rest, metadata: { name: metadata.name } });
  expect(parsed).toMatchObject({
    ok: false,
    faults: [{ path: 'metadata.namespace' }, { path: 'metadata.uid' }],
  });
});

test('what was parsed parses to itself', () => {
  fc.assert(
    fc.property(validSpec, (spec) => {
      const once = parseS3Proxy(s3proxyObject(spec));
      expect(once.ok).toBe(true);
      if (once.ok) expect(parseS3Proxy(once.s3proxy)).toEqual(once);
    }),
  );
});
