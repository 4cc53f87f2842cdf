import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const repository = resolve(import.meta.dirname, '..');

test("the operator's image is made of those files of the proxy that it imports, and of no others", async () => {
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: ['operator/src/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias: Object.fromEntries(await exportsOfProxy()),
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const imported = Object.keys(metafile.inputs).filter((file) => file.startsWith('proxy/'));
  const dockerfile = await readFile(resolve(repository, 'Dockerfile.operator'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)]
    .flatMap(([, sources = '']) => sources.split(' '))
    .filter((file) => file.startsWith('proxy/src'));
  expect(copied.toSorted()).toEqual(imported.toSorted());
});

/** The proxy's package is linked into node_modules, where `packages: external` would leave it out. */
async function exportsOfProxy(): Promise<[string, string][]> {
  const { name, exports } = JSON.parse(await readFile(resolve(repository, 'proxy/package.json'), 'utf8'));
  return Object.entries<string>(exports).map(([path, file]) => [
    `${name}${path.slice(1)}`,
    resolve(repository, 'proxy', file),
  ]);
}
