import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { s3proxyObject } from '../resources/testing/s3proxy.ts';
import { describeFaults, parseS3Proxy } from './parse.ts';
import type { S3ProxySpecInput } from './spec.ts';
import { INVALID_NAMES, INVALID_SPECS } from './testing/invalid-specs.ts';
import { validSpec } from './testing/spec-arbitrary.ts';

function faultsOf(spec: object, name?: string): string[] {
  const parsed = parseS3Proxy(s3proxyObject(spec as Partial<S3ProxySpecInput>, name));
  return parsed.ok ? [] : parsed.faults.map(({ path }) => path);
}

test('the smallest spec gets its defaults', () => {
  const parsed = parseS3Proxy(s3proxyObject());
  expect(parsed.ok && parsed.s3proxy.spec).toEqual({
    bucket: {
      name: 'my-bucket',
      region: 'eu-west-1',
      forcePathStyle: false,
      prefix: '',
      requestPayer: false,
    },
    credentials: {},
    ingress: { enabled: true, host: 's3proxy.dummy.local', path: '/' },
    auth: { basic: { enabled: true, username: 's3proxy', realm: 's3proxy', enforcement: 'Proxy' } },
    replicas: 1,
    resources: {},
    podDisruptionBudget: { enabled: true },
    networkPolicy: { enabled: false },
    podTemplate: { terminationGracePeriodSeconds: 120 },
    logging: { level: 'info', access: true },
    suspend: false,
  });
});

describe('each fault names its field', () => {
  test.each(INVALID_SPECS)('%s in %j', (field, spec) => {
    expect(faultsOf(spec)).toEqual([field]);
  });

  test.each(INVALID_NAMES)('the name %s', (name) => {
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
