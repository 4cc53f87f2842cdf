import { expect, test } from 'vitest';
import { buildServiceAccount, serviceAccountName } from './service-account.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

test('a role is named in the annotation that EKS reads', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/photos';
  const s3proxy = validS3Proxy({ credentials: { roleArn } });
  expect(buildServiceAccount(s3proxy)).toMatchObject({
    metadata: { name: 'photos', annotations: { 'eks.amazonaws.com/role-arn': roleArn } },
    automountServiceAccountToken: false,
  });
  expect(serviceAccountName(s3proxy)).toBe('photos');
});

test('without credentials there is an account of its own, for a Pod Identity association', () => {
  expect(buildServiceAccount(validS3Proxy())?.metadata.annotations).toBeUndefined();
  expect(serviceAccountName(validS3Proxy())).toBe('photos');
});

test('a named account is used and not created', () => {
  const s3proxy = validS3Proxy({ credentials: { serviceAccountName: 'reader' } });
  expect(buildServiceAccount(s3proxy)).toBeUndefined();
  expect(serviceAccountName(s3proxy)).toBe('reader');
});

test("static keys come with an account of the S3Proxy's own too", () => {
  const s3proxy = validS3Proxy({ credentials: { secretRef: { name: 'keys' } } });
  expect(buildServiceAccount(s3proxy)?.metadata.name).toBe('photos');
  expect(serviceAccountName(s3proxy)).toBe('photos');
});
