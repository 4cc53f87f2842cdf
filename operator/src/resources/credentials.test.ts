import { expect, test } from 'vitest';
import { credentialsFault, staticCredentials } from './credentials.ts';
import { secretData } from './secret.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const credentials = staticCredentials(validS3Proxy({ credentials: { secretRef: { name: 'keys' } } }));

function faultOf(data: Record<string, string>): string | undefined {
  if (credentials === undefined) throw new Error('no credentials');
  return credentialsFault(credentials, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys' },
    data,
  });
}

test('a Secret with both keys is good, with or without a session token', () => {
  const both = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'a/b+c' };
  expect(faultOf(secretData(both))).toBeUndefined();
  expect(faultOf(secretData({ ...both, AWS_SESSION_TOKEN: 'x==' }))).toBeUndefined();
});

test.each<[what: string, data: Record<string, string>, told: RegExp]>([
  ['a missing key', secretData({ AWS_ACCESS_KEY_ID: 'a' }), /has no key AWS_SECRET_ACCESS_KEY/],
  ['an empty value', secretData({ AWS_ACCESS_KEY_ID: '' }), /key AWS_ACCESS_KEY_ID/],
  [
    'a line break, as echo leaves it',
    secretData({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'hidden\n' }),
    /key AWS_SECRET_ACCESS_KEY .*line breaks/,
  ],
  ['bytes that are no text', { AWS_ACCESS_KEY_ID: '/w==' }, /key AWS_ACCESS_KEY_ID/],
])('%s is told, without the value', (_, data, told) => {
  expect(faultOf(data)).toMatch(told);
  expect(faultOf(data)).not.toContain('hidden');
});

test('without secretRef there are no static credentials', () => {
  expect(staticCredentials(validS3Proxy())).toBeUndefined();
});
