import { encodePath, encodeQueryComponent } from '../http/percent-encoding.ts';
import type { ListEntry, ListPage } from '../s3/object-lister.ts';

export interface PagePosition {
  after: string | undefined;
  limit: number;
}

/**
 * Renders a directory as one self-contained page: a table with a caption and column headers, links that work by keyboard, readable on a
 * phone and in the dark. Everything from the store is escaped.
 * @param path decoded path of the directory, without its first slash
 */
export function renderListingHtml(path: string, page: ListPage, { after, limit }: PagePosition): string {
  const title = `Index of /${path}`;
  const rows = page.entries.map(renderEntry).join('\n');
  const parent = path === '' ? '' : '<tr><td><a href="../" rel="up">../</a></td><td></td><td></td></tr>\n';
  const last = page.entries.at(-1)?.name;
  const links = [
    after === undefined ? '' : `<a href="./${pageQuery(undefined, limit)}" rel="first">First page</a>`,
    page.more && last !== undefined ? `<a href="./${pageQuery(last, limit)}" rel="next">Next page</a>` : '',
  ].filter((link) => link !== '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Last modified (UTC)</th></tr></thead>
<tbody>
${parent}${rows}
</tbody>
</table>
${page.entries.length === 0 ? '<p>Nothing here.</p>' : ''}
${links.length > 0 ? `<nav aria-label="Pages">${links.join(' ')}</nav>` : ''}
</main>
</body>
</html>
`;
}

function renderEntry(entry: ListEntry): string {
  // "./" keeps a name such as "javascript:x" from being read as a scheme, and one such as "//host" as another host.
  const link = `<a href="./${escapeHtml(encodePath(entry.name))}">${escapeHtml(visible(entry.name))}</a>`;
  if (entry.kind === 'directory') return `<tr><td>${link}</td><td></td><td></td></tr>`;
  const modified = entry.lastModified.slice(0, 16).replace('T', ' ');
  return `<tr><td>${link}</td><td class="number" title="${entry.size} bytes">${formatSize(entry.size)}</td><td><time datetime="${escapeHtml(entry.lastModified)}">${escapeHtml(modified)}</time></td></tr>`;
}

function pageQuery(after: string | undefined, limit: number): string {
  const query = [
    ...(after === undefined ? [] : [`after=${encodeQueryComponent(after)}`]),
    ...(limit === 500 ? [] : [`limit=${limit}`]),
  ].join('&amp;');
  return query === '' ? '' : `?${query}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size as people read it: three digits or so, and a unit. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be written as 1024 is one of the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Control characters and the ones that turn the direction of text would make a name look like another one. */
function visible(name: string): string {
  return name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 0.5rem; border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent); }
td:first-child { overflow-wrap: anywhere; }
td:first-child a { display: block; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
time { white-space: nowrap; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
nav { display: flex; gap: 1.5rem; padding: 1rem 0.5rem; }
@media (max-width: 36rem) { th:nth-child(3), td:nth-child(3) { display: none; } }`;
