/**
 * Writes the CRD from its zod schema, plain and as the chart's template. With --check, writes nothing and fails when a
 * committed file differs.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crdTemplate, crdYaml } from '../src/api/crd-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files: [path: string, content: string][] = [
  [`${root}crds/s3proxy.dev_s3proxies.yaml`, crdYaml()],
  [`${root}chart/templates/crd.yaml`, crdTemplate()],
];
const checking = process.argv.includes('--check');

for (const [path, content] of files) {
  const current = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (current === content) continue;
  if (checking) {
    console.error(
      `${relative(root, path)} does not match the schema in operator/src/api: run "npm run generate".`,
    );
    process.exitCode = 1;
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    console.log(`wrote ${relative(root, path)}`);
  }
}
