import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCacheControl } from './cache-control.ts';

test.each<[string | undefined, Record<string, string>]>([
  [undefined, {}],
  ['', {}],
  ['no-store', { 'no-store': '' }],
  ['No-Store, MAX-AGE=5', { 'no-store': '', 'max-age': '5' }],
  ['public,max-age=60 ,  s-maxage="10"', { public: '', 'max-age': '60', 's-maxage': '10' }],
  ['private="x-a, x-b", max-age=1', { private: 'x-a, x-b', 'max-age': '1' }],
  ['ext="no-store, \\"private\\"", max-age=1', { ext: 'no-store, \\"private\\"', 'max-age': '1' }],
  ['max-age=1, max-age=2', { 'max-age': '1' }],
  [',, ;max-age=1', { 'max-age': '1' }],
])('%s', (header, expected) => {
  expect(Object.fromEntries(parseCacheControl(header))).toEqual(expected);
});

test('none throws', () => {
  const piece = fc.constantFrom('max-age', '=', ',', '"', '\\', ' ', '5', ';', '\u00ff', '\t');
  const header = fc.array(piece, { maxLength: 50 }).map((pieces) => pieces.join(''));
  fc.assert(fc.property(header, (text) => void parseCacheControl(text)));
});
