import { describe, expect, test } from 'vitest';
import { contentConfigSchema } from '../content-config.ts';
import { compilePolicy } from './policy.ts';
import { Variants } from './variants.ts';

const variantsOf = (precompressed: object | undefined) =>
  new Variants(compilePolicy(contentConfigSchema.parse({ precompressed })));
const keys = (subject: Variants, path: string, accept?: string) =>
  subject.candidates(path, `pre/${path}`, { 'accept-encoding': accept }).map(({ key }) => key);

describe('Accept-Encoding (RFC 9110 §12.5.3)', () => {
  test.each([
    ['br, zstd, gzip', ['br', 'zst', 'gz']],
    ['gzip;q=1.0, br;q=0.8', ['gz', 'br']],
    ['gzip, br;q=0', ['gz']],
    ['*', ['br', 'zst', 'gz']],
    ['*;q=0.5, gzip', ['gz', 'br', 'zst']],
    ['*;q=0', []],
    ['identity;q=0, gzip', ['gz']],
    ['identity;q=0.9, gzip;q=0.5', []],
    ['GZIP', ['gz']],
    ['deflate, compress', []],
    ['', []],
  ])('%o wants the variants %o, then the plain object', (accept, suffixes) => {
    expect(keys(variantsOf({}), 'a.js', accept)).toEqual([
      ...suffixes.map((suffix) => `pre/a.js.${suffix}`),
      'pre/a.js',
    ]);
  });

  test('no header wants the plain object', () => {
    expect(keys(variantsOf({}), 'a.js')).toEqual(['pre/a.js']);
  });
});

test('our order decides among encodings that the client likes equally', () => {
  expect(keys(variantsOf({ encodings: ['gzip', 'br'] }), 'a.js', 'br, gzip')).toEqual([
    'pre/a.js.gz',
    'pre/a.js.br',
    'pre/a.js',
  ]);
});

test('variants are looked for where they are configured, and only for the paths that match', () => {
  expect(keys(variantsOf(undefined), 'a.js', 'br')).toEqual(['pre/a.js']);
  expect(keys(variantsOf({}), 'a.jpg', 'br')).toEqual(['pre/a.jpg']);
  expect(keys(variantsOf({ match: ['img/**'] }), 'img/a.jpg', 'br')).toEqual([
    'pre/img/a.jpg.br',
    'pre/img/a.jpg',
  ]);
});

test('one that is missing is not looked for again', () => {
  const subject = variantsOf({});
  subject.rememberMissing('pre/a.js.br');
  expect(keys(subject, 'a.js', 'br, gzip')).toEqual(['pre/a.js.gz', 'pre/a.js']);
  expect(keys(subject, 'b.js', 'br')).toEqual(['pre/b.js.br', 'pre/b.js']);
});

test.each([
  ['a.css', 'text/css; charset=utf-8'],
  ['dir.d/a.min.JSON', 'application/json; charset=utf-8'],
  ['a.wasm', 'application/wasm'],
  ['a.unknown', undefined],
  ['dir.css/none', undefined],
])('the media type of %s is that of what it decodes to: %s', (path, type) => {
  const [first] = variantsOf({ match: ['**'] }).candidates(path, path, { 'accept-encoding': 'br' });
  expect(first?.variant).toEqual({ encoding: 'br', contentType: type });
});
