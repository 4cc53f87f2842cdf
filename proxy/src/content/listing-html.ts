import { encodePath, encodeQueryComponent } from '../http/percent-encoding.ts';
import type { ListEntry, ListPage } from '../s3/object-lister.ts';

export interface PagePosition {
  after: string | undefined;
  limit: number;
}

/**
 * Renders a directory as one self-contained page: a table with a name and column headers, links that work by keyboard, readable on a
 * phone and in the dark. Everything from the store is escaped.
 * @param path decoded path of the directory, without its first slash
 */
export function renderListingHtml(path: string, page: ListPage, { after, limit }: PagePosition): string {
  const title = `Index of ${visible(`/${path}`)}`;
  const rows = page.entries.map(renderEntry).join('\n');
  const parent =
    path === ''
      ? ''
      : '<tr><td><a class="directory" href="../" rel="up" aria-label="Parent directory">../</a></td><td></td><td></td></tr>\n';
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
<h1 id="title">${renderTitle(path)}</h1>
<table aria-labelledby="title">
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

/** The path, whose upper directories are links: relative ones, which survive an Ingress that takes a path prefix away. */
function renderTitle(path: string): string {
  const parts = ['', ...path.split('/').slice(0, -1)].map((name) => escapeHtml(visible(`${name}/`)));
  const links = parts.map((part, index) => {
    const above = parts.length - 1 - index;
    return above === 0 ? part : `<a href="${'../'.repeat(above)}">${part}</a>`;
  });
  return `Index of ${links.join('')}`;
}

function renderEntry(entry: ListEntry): string {
  // "./" keeps a name such as "javascript:x" from being read as a scheme, and one such as "//host" as another host.
  const href = `./${escapeHtml(encodePath(entry.name))}`;
  const kind = entry.kind === 'directory' ? ' class="directory"' : '';
  const link = `<a${kind} href="${href}">${escapeHtml(visible(entry.name))}</a>`;
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

// Two columns on a phone: a date is worth less there than a name that can be read.
const STYLE = `:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --faint: #5f6670; --line: #dfe2e6; --hover: #f3f5f8; --link: #0a55c4; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --ink: #e6e8eb; --faint: #9aa2ad; --line: #2f3338; --hover: #202328; --link: #8ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { margin: 0 0 1rem; padding: 0 0.75rem; font-size: 1.375rem; font-weight: 600; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: -3px; border-radius: 4px; }
table { width: 100%; border-collapse: collapse; }
th { padding: 0.25rem 0.75rem; color: var(--faint); font-size: 0.875rem; font-weight: 500; text-align: left; white-space: nowrap; }
td { padding: 0.5rem 0.75rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
td + td { color: var(--faint); }
tr { border-bottom: 1px solid var(--line); }
tbody tr:hover { background: var(--hover); }
td:first-child { width: 100%; padding: 0; white-space: normal; overflow-wrap: anywhere; }
td:first-child a { display: block; padding: 0.5rem 0.75rem; white-space: pre-wrap; }
.directory { font-weight: 600; }
.number { text-align: right; }
nav { display: flex; justify-content: space-between; gap: 1rem; padding-top: 1rem; }
nav a { padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: 4px; }
nav a:last-child { margin-left: auto; }
@media (max-width: 36rem) {
  main { padding: 1rem 0 2rem; }
  nav { padding-left: 0.75rem; padding-right: 0.75rem; }
  th:nth-child(3), td:nth-child(3) { display: none; }
}`;
