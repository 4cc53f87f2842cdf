import { expect, test } from 'vitest';
import { imageRoute } from './reachable-images.ts';

test('images that are given come first', () => {
  const given = { OPERATOR_IMAGE: 'o:1', PROXY_IMAGE: 'p:1', S3_SERVER_IMAGE: 's:1', IMAGE_REGISTRY: 'r' };
  expect(imageRoute(given, 'kind-x')).toEqual({
    by: 'given',
    images: { operator: 'o:1', proxy: 'p:1', s3Server: 's:1' },
  });
});

test('a registry comes before kind', () => {
  expect(imageRoute({ IMAGE_REGISTRY: 'registry.example/team/' }, 'kind-x')).toEqual({
    by: 'registry',
    registry: 'registry.example/team',
  });
  expect(imageRoute({}, 'kind-dev')).toEqual({ by: 'kind', cluster: 'dev' });
});

test('without a way the message says what to set', () => {
  expect(() => imageRoute({}, 'prod')).toThrow(/context prod.*IMAGE_REGISTRY.*OPERATOR_IMAGE/s);
});
