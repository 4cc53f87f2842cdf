import { compare } from 'bcryptjs';
import { expect, test } from 'vitest';
import type { BasicAuth } from './basic-auth.ts';
import { buildHtpasswdSecret, htpasswdFor } from './htpasswd-secret.ts';
import { generatePassword } from './password.ts';
import { type Secret, secretData } from './secret.ts';
import { validS3Proxy } from './testing/s3proxy.ts';

const s3proxy = validS3Proxy();
const ann = { username: 'ann', password: 'Ärger & co' };
const as = (credentials: typeof ann): BasicAuth => ({ kind: 'password', ...credentials });

function source(resourceVersion: string): Secret {
  const metadata = { name: 'photos-basic-auth', uid: 'source-uid', resourceVersion };
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: secretData(ann) };
}

async function secretFor(version: string, credentials = ann, existing?: Secret): Promise<Secret> {
  const file = await htpasswdFor(source(version), as(credentials), existing);
  const secret = buildHtpasswdSecret(s3proxy, source(version), file);
  if (secret === undefined) throw new Error('no Secret');
  return secret;
}

const text = (secret: Secret): string => Buffer.from(secret.data?.htpasswd ?? '', 'base64').toString();

test('one line for the user, with a hash that the password fits', async () => {
  const [, user, hash] = /^([^:]+):(\$2[aby]\$10\$.{53})\n$/.exec(text(await secretFor('1'))) ?? [];
  expect(user).toBe('ann');
  expect(await compare(ann.password, hash ?? '')).toBe(true);
});

test('an unchanged source keeps the file without asking bcrypt', async () => {
  const first = await secretFor('1');
  // Credentials that do not fit show that they were not looked at.
  expect(await secretFor('1', { username: 'x', password: 'y' }, first)).toEqual(first);
});

test('a source that was written again with the same content keeps the hash', async () => {
  const first = await secretFor('1');
  const second = await secretFor('2', ann, first);
  expect(second.data).toEqual(first.data);
  expect(second.metadata.annotations).not.toEqual(first.metadata.annotations);
});

test.each([
  ['password', { ...ann, password: 'other' }],
  ['user', { ...ann, username: 'bob' }],
])('another %s makes another file', async (_, credentials) => {
  const first = await secretFor('1');
  const second = await secretFor('2', credentials, first);
  expect(second.data).not.toEqual(first.data);
  expect(text(second).startsWith(`${credentials.username}:`)).toBe(true);
});

test('a file that somebody else wrote is not kept', async () => {
  const first = await secretFor('1');
  const foreign = { ...first, data: secretData({ htpasswd: 'eve:$2b$04$abcdefghijklmnopqrstuv' }) };
  expect(text(await secretFor('1', ann, foreign))).toMatch(/^ann:/);
});

test('a generated password is hashed cheaply', async () => {
  const credentials = { username: 's3proxy', password: generatePassword() };
  expect(text(await secretFor('1', credentials))).toMatch(/^s3proxy:\$2[aby]\$04\$/);
});

test('a referenced htpasswd file is passed on', async () => {
  const users = [
    { user: 'ann', hash: '$apr1$x$y' },
    { user: 'bob', hash: '$6$x$y' },
  ];
  const file = await htpasswdFor(source('1'), { kind: 'htpasswd', users }, undefined);
  expect(file).toBe('ann:$apr1$x$y\nbob:$6$x$y\n');
});

test('none is wanted unless the proxy asks for the password', () => {
  const ingress = validS3Proxy({ auth: { basic: { enforcement: 'Ingress', driver: 'Traefik' } } });
  expect(buildHtpasswdSecret(ingress, source('1'), '')).toBeUndefined();
  const off = validS3Proxy({ auth: { basic: { enabled: false } } });
  expect(buildHtpasswdSecret(off, source('1'), '')).toBeUndefined();
});
