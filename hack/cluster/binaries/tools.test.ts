import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isNewEnough } from './go-toolchain.ts';
import { LEGO_VERSION } from './prepare-traefik.ts';
import { TOOLS, type Tool } from './tools.ts';

const goMod = (module: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'modules', module, 'go.mod'), 'utf8');

test.each(Object.entries<Tool>(TOOLS))('%s is pinned to one version everywhere', (_, tool) => {
  const text = goMod(tool.module);
  expect(text).toMatch(new RegExp(`^(tool )?\\s*${tool.package}$`, 'm'));
  const versions = [...text.matchAll(/^\s*(?:require )?(\S+) v(\S+)/gm)]
    .filter(([, module = '']) => `${tool.package}/`.startsWith(`${module}/`))
    .map(([, , version]) => version);
  expect(versions).toEqual([tool.version]);
});

test.each(Object.entries<Tool>(TOOLS))('a release of %s is of that version', (_, { release, version }) => {
  for (const arch of ['amd64', 'arm64'] as const) {
    const found = release?.(arch);
    if (found !== undefined) expect(found.url).toContain(`v${version}`);
  }
});

test('lego is the one that Traefik’s module names', () => {
  expect(goMod('traefik')).toContain(`github.com/go-acme/lego/v5 ${LEGO_VERSION}`);
});

test.each([
  ['go1.26.0', true],
  ['go1.27rc1', true],
  ['go2.0', true],
  ['go1.25.9', false],
  ['devel +abc', false],
  ['', false],
])('Go %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(`${version}\n`)).toBe(expected);
});
