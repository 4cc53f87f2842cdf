import { describe, expect, test } from 'vitest';
import { type BucketAddress, resolveEndpoint } from './endpoint.ts';

const address = (more: Partial<BucketAddress>) => {
  const { origin, host, basePath } = resolveEndpoint({
    bucket: 'photos',
    region: 'eu-west-1',
    endpoint: undefined,
    forcePathStyle: false,
    ...more,
  });
  expect(new URL(origin).host).toBe(host);
  return origin + basePath;
};

describe('AWS', () => {
  test.each([
    ['eu-west-1', 'https://photos.s3.eu-west-1.amazonaws.com'],
    ['us-gov-west-1', 'https://photos.s3.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'https://photos.s3.cn-north-1.amazonaws.com.cn'],
    ['us-iso-east-1', 'https://photos.s3.us-iso-east-1.c2s.ic.gov'],
    ['us-isob-east-1', 'https://photos.s3.us-isob-east-1.sc2s.sgov.gov'],
    ['us-isof-south-1', 'https://photos.s3.us-isof-south-1.csp.hci.ic.gov'],
    ['eu-isoe-west-1', 'https://photos.s3.eu-isoe-west-1.cloud.adc-e.uk'],
    ['eusc-de-east-1', 'https://photos.s3.eusc-de-east-1.amazonaws.eu'],
  ])('in %s the bucket is a host in its partition', (region, expected) => {
    expect(address({ region })).toBe(expected);
  });

  test('by path where that is asked for', () => {
    expect(address({ forcePathStyle: true })).toBe('https://s3.eu-west-1.amazonaws.com/photos');
  });

  test.each(['my.photos', 'Photos', 'a_b', '-ab', 'ab-', 'x'.repeat(64)])(
    'by path where the bucket’s name %s is no single label of a host name',
    (bucket) => {
      expect(address({ bucket })).toBe(`https://s3.eu-west-1.amazonaws.com/${bucket}`);
    },
  );
});

describe('an endpoint of one’s own', () => {
  test.each([
    ['https://s3.example.com', 'https://photos.s3.example.com'],
    ['http://minio:9000', 'http://photos.minio:9000'],
    ['http://minio:9000/', 'http://photos.minio:9000'],
    ['https://example.com:443/base/path/', 'https://photos.example.com/base/path'],
  ])('%s gets the bucket in front', (endpoint, expected) => {
    expect(address({ endpoint })).toBe(expected);
  });

  test.each([
    ['http://10.0.0.1:9000', 'http://10.0.0.1:9000/photos'],
    ['http://[::1]:9000', 'http://[::1]:9000/photos'],
  ])('%s is an address, which has no subdomains', (endpoint, expected) => {
    expect(address({ endpoint })).toBe(expected);
  });

  test('by path keeps its own path in front of the bucket', () => {
    expect(address({ endpoint: 'http://minio:9000/base', forcePathStyle: true })).toBe(
      'http://minio:9000/base/photos',
    );
  });
});
