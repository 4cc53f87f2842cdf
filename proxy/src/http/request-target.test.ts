import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePath } from './percent-encoding.ts';
import { parseRequestTarget } from './request-target.ts';

const path = (text: string, query = '') => ({ kind: 'path', path: text, query });

test.each([
  ['/1.jpg', path('/1.jpg')],
  ['/a/b/c.txt?x=1&y=2', path('/a/b/c.txt', 'x=1&y=2')],
  ['/', path('/')],
  ['/dir/', path('/dir/')],
  ['//a//b', path('//a//b')],
  ['/a%20b', path('/a b')],
  ['/a+b', path('/a+b')],
  ['/100%25', path('/100%')],
  ['/%2520', path('/%20')],
  ['/a%2Fb', path('/a/b')],
  ['/%C3%BC.jpg', path('/ü.jpg')],
  ['/\u00c3\u00bc.jpg', path('/ü.jpg')],
  ['/.well-known/x', path('/.well-known/x')],
  ['/...', path('/...')],
  ['/[x]{y}', path('/[x]{y}')],
  ['http://host:80/a', path('/a')],
  ['http://host', path('/')],
  ['http://host?q', path('/', 'q')],
])('%s is read', (target, expected) => {
  expect(parseRequestTarget(target)).toEqual(expected);
});

test.each([
  ['*', 'not a path'],
  ['host:443', 'not a path'],
  ['/%', 'percent-encoded'],
  ['/%zz', 'percent-encoded'],
  ['/%C3', 'percent-encoded'],
  ['/%C0%AF', 'percent-encoded'],
  ['/%ED%A0%80', 'percent-encoded'],
  ['/%00', 'NUL'],
  ['/a#b', '#'],
  ['/.', 'segment'],
  ['/..', 'segment'],
  ['/a/../b', 'segment'],
  ['/a/%2e%2E/b', 'segment'],
  ['/a%2F..%2Fb', 'segment'],
  ['/a/./b', 'segment'],
])('%s is refused', (target, reason) => {
  expect(parseRequestTarget(target)).toEqual({ kind: 'refused', message: expect.stringContaining(reason) });
});

test('any key without dot segments and NUL comes back from its encoded path', () => {
  const key = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((text) => !text.includes('\0') && !text.split('/').some((part) => part === '.' || part === '..'));
  fc.assert(
    fc.property(key, (text) => {
      expect(parseRequestTarget(`/${encodePath(text)}`)).toEqual(path(`/${text}`));
      expect(encodePath(text)).toMatch(/^[\x21-\x7e]*$/);
    }),
  );
});

test('no target throws, whatever its bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 255 })), (bytes) => {
      const { kind } = parseRequestTarget(String.fromCharCode(...bytes));
      expect(['path', 'refused']).toContain(kind);
    }),
  );
});
