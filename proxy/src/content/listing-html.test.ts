import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListEntry } from '../s3/object-lister.ts';
import { formatSize, renderListingHtml } from './listing-html.ts';

const entry = (name: string): ListEntry => ({
  kind: 'object',
  name,
  size: 1,
  lastModified: '2026-01-02T03:04:05.000Z',
});
const render = (path: string, names: string[], more = false, after?: string) =>
  renderListingHtml(path, { entries: names.map(entry), more }, { after, limit: 500 });

/** The page's tags, in order, with the attributes they have but not their values. */
function skeleton(html: string): string[] {
  return [...html.matchAll(/<([a-z!/][^\s>]*)([^>]*)>/gi)].map(([, name, attributes = '']) =>
    [name, ...[...attributes.matchAll(/\s([a-z-]+)(?:="[^"]*")?/g)].map(([, attribute]) => attribute)].join(
      ' ',
    ),
  );
}

/** What a browser makes of text: the references written here are all decimal or named `amp`. */
const decode = (html: string) =>
  html.replace(/&(?:#(\d+)|amp);/g, (_, code) =>
    code === undefined ? '&' : String.fromCharCode(Number(code)),
  );

describe('a key', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '=', 'a', ' ', '!', '-', '#', ';', '`', '\\', '\n'),
      minLength: 1,
    }),
    fc.constantFrom(
      '</a><script>alert(1)</script>',
      '" onclick="alert(1)',
      "'-alert(1)-'",
      '<!--',
      '&#60;',
      '&lt;b',
    ),
  );

  test('can add no tag and no attribute to the page, as a name or as the path', () => {
    fc.assert(
      fc.property(odd, odd, (name, path) => {
        // A path as deep, for each directory above is a link.
        const plain = 'dir/'.repeat(path.split('/').length);
        expect(skeleton(render(`${path}/`, [name], true))).toEqual(skeleton(render(plain, ['name'], true)));
      }),
      { numRuns: 1000 },
    );
  });

  test('is shown as the text it is, but for characters that would disguise it', () => {
    fc.assert(
      fc.property(odd, (name) => {
        const html = render('', [name]);
        const shown = decode(/<td><a href="[^"]*"[^>]*>([^<]*)<\/a>/.exec(html)?.[1] ?? '');
        expect(shown).toBe(name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'));
      }),
    );
  });

  test('is linked to on this very host and in this very directory, whatever it looks like', () => {
    const key = odd.filter((name) => !['.', '..'].includes(name) && !name.includes('/'));
    fc.assert(
      fc.property(key, (name) => {
        const href = decode(
          /<td><a href="([^"]*)"/.exec(render('dir/', [name]).split('rel="up"')[1] ?? '')?.[1] ?? '',
        );
        const url = new URL(href, 'https://a.example/dir/');
        expect(url.origin).toBe('https://a.example');
        expect(decodeURIComponent(url.pathname)).toBe(`/dir/${name}`);
        expect([url.search, url.hash]).toEqual(['', '']);
      }),
    );
  });
});

describe('the title', () => {
  test('has a link to each directory above', () => {
    const [, inside = ''] = /<h1[^>]*>(.*)<\/h1>/.exec(render('a/b c//d/', [])) ?? [];
    const links = [...inside.matchAll(/<a href="([^"]*)">([^<]*)<\/a>/g)].map(([, href = '', name]) => [
      name,
      new URL(href, 'http://a/a/b%20c//d/').pathname,
    ]);
    expect(links).toEqual([
      ['/', '/'],
      ['a/', '/a/'],
      ['b c/', '/a/b%20c/'],
      ['/', '/a/b%20c//'],
    ]);
    expect(inside).toMatch(/d\/$/);
  });

  test('is plain at the root', () => {
    expect(render('', [])).toMatch(/<h1[^>]*>Index of \/<\/h1>/);
  });
});

describe('pages', () => {
  test('the first one links to the next, by the last name on it', () => {
    const html = render('', ['a', 'b&c=d'], true);
    expect(html).toContain('href="./?after=b%26c%3Dd" rel="next"');
    expect(html).not.toContain('rel="first"');
  });

  test('a later one links to the first, and the last one to no next', () => {
    const html = render('', ['c'], false, 'b');
    expect(html).toContain('rel="first"');
    expect(html).not.toContain('rel="next"');
  });

  test('keep a size that was asked for', () => {
    const html = renderListingHtml('', { entries: [entry('a')], more: true }, { after: 'x', limit: 7 });
    expect(html).toContain('href="./?limit=7" rel="first"');
    expect(html).toContain('href="./?after=a&amp;limit=7" rel="next"');
  });

  test('only the root has no way up, and an empty one says so', () => {
    expect(render('', [])).not.toContain('rel="up"');
    expect(render('', [])).toContain('Nothing here.');
    expect(render('dir/', ['a'])).toContain('href="../" rel="up"');
  });
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [102_400, '100 KiB'],
  [1_048_575, '1.0 MiB'],
  [1_048_576, '1.0 MiB'],
  [5 * 2 ** 40, '5.0 TiB'],
  [5000 * 2 ** 40, '5000 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
