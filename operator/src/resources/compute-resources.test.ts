import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareQuantities } from '../api/quantity.ts';
import { validSpec } from '../api/testing/spec-arbitrary.ts';
import { computeResources } from './compute-resources.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const defaults = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } };

test.each([
  [{}, defaults],
  [{ requests: { cpu: '0.1' } }, { ...defaults, requests: { cpu: '100m', memory: '64Mi' } }],
  [{ requests: { memory: '1Gi' } }, { requests: { cpu: '50m', memory: '1Gi' }, limits: { memory: '1Gi' } }],
  [
    { limits: { memory: '32Mi', cpu: '20m' } },
    { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '32Mi', cpu: '20m' } },
  ],
])('%j', (given, expected) => {
  expect(computeResources({ resources: given })).toEqual(expected);
});

test('defaults grow by the cache', () => {
  const cache = validS3Proxy({ cache: { memory: '1Gi' } }).spec.cache;
  expect(computeResources({ resources: {}, cache })).toEqual({
    requests: { cpu: '50m', memory: '1088Mi' },
    limits: { memory: '1280Mi' },
  });
  expect(computeResources({ resources: { limits: { memory: '1100Mi' } }, cache })).toMatchObject({
    requests: { memory: '1088Mi' },
    limits: { memory: '1100Mi' },
  });
});

test('a request never exceeds its limit', () => {
  fc.assert(
    fc.property(validSpec, (spec) => {
      const { requests, limits } = computeResources(validS3Proxy(spec).spec);
      for (const [name, limit] of Object.entries(limits)) {
        expect(compareQuantities(requests[name] ?? 0, limit)).toBeLessThanOrEqual(0);
      }
    }),
  );
});
