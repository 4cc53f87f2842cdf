import fc from 'fast-check';
import { expect, test } from 'vitest';
import { basicChallenge, parseBasicCredentials } from './basic-credentials.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');

test('any user and password come back (RFC 7617 §2)', () => {
  const user = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes(':'));
  fc.assert(
    fc.property(user, fc.string({ unit: 'grapheme' }), (name, password) => {
      expect(parseBasicCredentials(`Basic ${encode(`${name}:${password}`)}`)).toEqual({
        user: name,
        password,
      });
    }),
  );
});

test.each(['basic', 'BASIC', 'Basic ', 'Basic   '])('the scheme %o is read', (scheme) => {
  expect(parseBasicCredentials(`${scheme} ${encode('a:b:c')}`)).toEqual({ user: 'a', password: 'b:c' });
});

test.each([
  undefined,
  '',
  'Basic',
  'Basic ',
  `Bearer ${encode('a:b')}`,
  `Basic${encode('a:b')}`,
  `Basic ${encode('ab')}`,
  `Basic ${encode('a:b')}, Basic ${encode('c:d')}`,
  `Basic ${encode('a:b')} x`,
  'Basic a:b',
])('%o is none', (header) => {
  expect(parseBasicCredentials(header)).toBeUndefined();
});

test('a realm is quoted', () => {
  expect(basicChallenge('a "b" \\ c')).toBe('Basic realm="a \\"b\\" \\\\ c", charset="UTF-8"');
});
