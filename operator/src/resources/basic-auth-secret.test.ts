import { expect, test } from 'vitest';
import { parseBasicAuth } from './basic-auth.ts';
import { authSecretName, buildBasicAuthSecret } from './basic-auth-secret.ts';
import { generatePassword, looksGenerated } from './password.ts';
import { type Secret, secretData, secretText } from './secret.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

function build(existing?: Secret, basic = {}): Secret | undefined {
  return buildBasicAuthSecret(validS3Proxy({ auth: { basic } }), {
    existing,
    generatePassword: () => 'fresh',
  });
}

test('user and password are generated once', () => {
  const first = build();
  expect(first).toMatchObject({
    metadata: { name: 'photos-basic-auth', namespace: 'web' },
    type: 'kubernetes.io/basic-auth',
    data: secretData({ username: 's3proxy', password: 'fresh' }),
  });
  const kept: Secret = { ...(first as Secret), data: secretData({ username: 's3proxy', password: 'old' }) };
  expect(build(kept)?.data).toEqual(kept.data);
});

test('another user name keeps the password', () => {
  const existing: Secret = { ...(build() as Secret), data: secretData({ username: 'x', password: 'old' }) };
  expect(build(existing, { username: 'ann' })?.data).toEqual(
    secretData({ username: 'ann', password: 'old' }),
  );
});

test('an emptied Secret gets a new password', () => {
  expect(build({ ...(build() as Secret), data: {} })?.data).toEqual(
    secretData({ username: 's3proxy', password: 'fresh' }),
  );
});

test('what somebody put beside the password, or into it, makes no new one', () => {
  const put = (data: Record<string, string>) =>
    build({ ...(build() as Secret), data: secretData({ username: 's3proxy', ...data }) });
  const kept = secretData({ username: 's3proxy', password: 'old' });
  expect(put({ password: 'old', htpasswd: 'ann:x' })?.data).toEqual(kept);
  const unusable = put({ password: 'mine\n' }) as Secret;
  expect(secretText(unusable, 'password')).toBe('mine\n');
  expect(parseBasicAuth(unusable)).toMatchObject({ ok: false, fault: expect.stringMatching(/line breaks/) });
});

test('none is wanted with a referenced Secret or without authentication', () => {
  expect(build(undefined, { secretRef: { name: 'mine' } })).toBeUndefined();
  expect(build(undefined, { enabled: false })).toBeUndefined();
  expect(authSecretName(validS3Proxy({ auth: { basic: { secretRef: { name: 'mine' } } } }))).toBe('mine');
  expect(authSecretName(validS3Proxy({ auth: { basic: { enabled: false } } }))).toBeUndefined();
  expect(authSecretName(validS3Proxy())).toBe('photos-basic-auth');
});

test('passwords are long, plain and never the same', () => {
  const passwords = Array.from({ length: 100 }, generatePassword);
  expect(new Set(passwords).size).toBe(100);
  expect(passwords.every(looksGenerated)).toBe(true);
});

function secret(data: Record<string, string>): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' }, data };
}

test.each<[what: string, data: Record<string, string>, told: RegExp]>([
  ['no username', secretData({ password: 'hidden' }), /Secret mine: has no text under the key username/],
  ['no password', secretData({ username: 'ann' }), /key password/],
  ['a colon', secretData({ username: 'a:b', password: 'hidden' }), /username/],
  ['a line break', secretData({ username: 'ann', password: 'hidden\n' }), /line breaks/],
  ['an empty password', secretData({ username: 'ann', password: '' }), /password must not be empty/],
  ['more than bcrypt reads', secretData({ username: 'ann', password: 'hidden'.repeat(13) }), /72 bytes/],
])('%s is told, without the value', (_, data, told) => {
  const parsed = parseBasicAuth(secret(data));
  expect(parsed.ok ? '' : parsed.fault).toMatch(told);
  expect(JSON.stringify(parsed)).not.toContain('hidden');
});

test('text is text, and bytes that are not UTF-8 are none', () => {
  expect(secretText(secret(secretData({ a: 'ä€' })), 'a')).toBe('ä€');
  expect(secretText(secret({ a: '/w==' }), 'a')).toBeUndefined();
  expect(secretText(secret({}), 'a')).toBeUndefined();
});
