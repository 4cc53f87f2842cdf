import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environmentSchema } from '../config.ts';
import { LIMITS } from '../http-server.ts';
import { storeErrorKind } from '../s3/store-error.ts';
import { errorResponseFor } from './error-response.ts';

const directory = resolve(import.meta.dirname, '../../../docs');
const text = readFileSync(resolve(directory, 'http.md'), 'utf8');

const SEPARATOR = /^\|[ :|-]+\|$/;

/** Cells of the tables' rows below a heading. */
function rows(heading: string): string[][] {
  const level = /^#+/.exec(heading)?.[0] ?? '';
  const [, after = ''] = text.split(`\n${heading}\n`);
  const lines = (after.split(new RegExp(`\n#{1,${level.length}} `))[0] ?? '').split('\n');
  return lines
    .filter((line, i) => line.startsWith('|') && !SEPARATOR.test(line) && !SEPARATOR.test(lines[i + 1] ?? ''))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** Every test that a text names: `[file](path): “title”, “title”`. */
function namedTests(markdown: string): { file: string; title: string }[] {
  const groups = markdown.matchAll(/\[[^\]]+\]\(([^)]+\.test\.ts)\): ((?:“[^”]+”(?:,\s+)?)+)/g);
  return [...groups].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  );
}

const sources = new Map<string, string>();
function source(file: string): string {
  const known = sources.get(file) ?? readFileSync(resolve(directory, file), 'utf8');
  sources.set(file, known);
  return known;
}

describe('docs/http.md', () => {
  const tests = namedTests(text);
  const unique = [...new Map(tests.map((each) => [`${each.file}: ${each.title}`, each])).entries()];

  test.each(unique)('%s', (_name, { file, title }) => {
    const code = source(file);
    expect(code).toContain(`'${title.replaceAll("'", "\\'")}'`);
    expect(code).not.toMatch(/\.(?:skip|todo|only|fails)\b/);
  });

  test('names a test for every rule of RFC 9110 and every kind of key', () => {
    const rules = [...rows('## RFC 9110, rule by rule'), ...rows('## Keys')];
    // As many as there are; so a table that is read wrongly does not pass for one without faults.
    expect(rules.length).toBeGreaterThan(80);
    for (const rule of rules) expect(namedTests(rule.at(-1) ?? ''), rule.join(' | ')).not.toEqual([]);
  });

  test('has the status that each error of the store becomes', () => {
    const errors = rows('## Errors of the store');
    const codes = errors.flatMap(([said = '', status]) =>
      [...said.matchAll(/`(\w+)`/g)].map(([, code = '']) => ({ code, status: Number(status) })),
    );
    expect(codes.length).toBeGreaterThan(25);
    for (const { code, status } of codes)
      expect(errorResponseFor(storeErrorKind(400, code)).status, code).toBe(status);
  });

  test('has the limits of the server and of the store’s side', () => {
    const limits = new Map(rows('## Limits').map(([name = '', value = '']) => [name, value]));
    const seconds = (milliseconds: number) => `${milliseconds / 1000} s`;
    expect(limits.get('request line and header fields')).toBe(`${LIMITS.headerBytes} bytes`);
    expect(limits.get('the two above are looked at every')).toBe(
      `${seconds(LIMITS.checkMs)}, or half of the first`,
    );

    const defaults: Record<string, unknown> = environmentSchema.parse({ S3_BUCKET: 'a' });
    const named = [...text.matchAll(/`((?:HTTP|S3)_\w+)` \((\d+)\)/g)];
    const variables = Object.keys(environmentSchema.shape).filter((name) =>
      /^HTTP_|^S3_.*(?:SECONDS|ATTEMPTS|CONNECTIONS)$/.test(name),
    );
    expect(new Set(named.map(([, variable]) => variable))).toEqual(new Set(variables));
    for (const [, variable = '', value] of named) expect(String(defaults[variable]), variable).toBe(value);
  });
});
