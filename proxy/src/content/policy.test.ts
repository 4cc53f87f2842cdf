import { describe, expect, test } from 'vitest';
import { type ContentConfigInput, contentConfigSchema } from '../content-config.ts';
import { compilePolicy } from './policy.ts';

const policy = (config: ContentConfigInput) => compilePolicy(contentConfigSchema.parse(config));

describe('globs are over the path without its first slash', () => {
  const matches = (glob: string, path: string) => policy({ download: [glob] }).isDownload(path);

  test.each([
    ['*.pdf', 'a.pdf', true],
    ['*.pdf', 'dir/a.pdf', false],
    ['**/*.pdf', 'a.pdf', true],
    ['**/*.pdf', 'x/y/a.pdf', true],
    ['**', 'anything/at all', true],
    ['**', '.hidden/.file', true],
    ['docs/**', 'docs/a', true],
    ['docs/**', 'docs2/a', false],
    ['/docs/**', 'docs/a', false],
    ['a?.txt', 'ab.txt', true],
    ['a?.txt', 'a/.txt', false],
    ['[ab].txt', 'a.txt', true],
    ['[ab].txt', 'c.txt', false],
    ['{a,b}.txt', 'b.txt', true],
    ['*.PDF', 'a.pdf', false],
    ['ü*', 'über', true],
    ['a.txt', 'a\n.txt', false],
  ])('%s over %o: %s', (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected);
  });
});

describe('Cache-Control', () => {
  const { cacheControl } = policy({
    cacheControl: [
      { match: 'assets/**', value: 'immutable', override: true },
      { match: '**/*.html', value: 'no-cache' },
      { match: '**', value: 'max-age=60' },
    ],
  });

  test.each([
    ['assets/a.html', undefined, 'immutable'],
    ['assets/a.html', 'no-store', 'immutable'],
    ['a.html', undefined, 'no-cache'],
    ['a.html', 'no-store', 'no-store'],
    ['a.txt', undefined, 'max-age=60'],
  ])('of %s with its own %s is %s', (path, own, expected) => {
    expect(cacheControl(path, own)).toBe(expected);
  });

  test('is the object’s own, or none, without rules', () => {
    expect(policy({}).cacheControl('a', 'no-store')).toBe('no-store');
    expect(policy({}).cacheControl('a', undefined)).toBeUndefined();
  });
});

test('nothing is special by default', () => {
  const plain = policy({});
  expect([plain.isDownload('a'), plain.isPrecompressed('a.js'), plain.extraHeaders]).toEqual([
    false,
    false,
    [],
  ]);
});

test('extra headers are flattened in order', () => {
  const headers = [
    { name: 'X-A', value: 'a' },
    { name: 'X-B', value: 'b' },
  ];
  expect(policy({ headers }).extraHeaders).toEqual(['X-A', 'a', 'X-B', 'b']);
});
