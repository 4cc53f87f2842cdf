import { expect, test } from 'vitest';
import { type HashScheme, hashPassword, isHashOf } from './password-hash.ts';

test.each<HashScheme>(['bcrypt', 'apr1', 'sha512'])('%s: a hash is of its password alone', async (scheme) => {
  const made = await hashPassword(scheme, 'correct horse');
  expect(await isHashOf(scheme, 'correct horse', made)).toBe(true);
  expect(await isHashOf(scheme, 'battery staple', made)).toBe(false);
});

// Each would take hours, or throw.
test.each<[what: string, scheme: HashScheme, hash: string]>([
  ["bcrypt's highest cost", 'bcrypt', `$2b$31$${'a'.repeat(53)}`],
  ['a revision that nobody reads', 'bcrypt', `$2x$10$${'a'.repeat(53)}`],
  ['a billion rounds of SHA-512', 'sha512', `$6$rounds=999999999$${'a'.repeat(16)}$${'a'.repeat(86)}`],
  ['a longer salt', 'sha512', `$6$${'a'.repeat(17)}$${'a'.repeat(86)}`],
])("somebody else's hash is not even tried: %s", async (_, scheme, hash) => {
  expect(await isHashOf(scheme, 'x', hash)).toBe(false);
});
