import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { generatedFiles } from './files.ts';

// npm run generate: writes what is made from the sources. With --check, writes nothing and fails where a committed file differs.

const repository = resolve(import.meta.dirname, '../..');
const checking = process.argv.includes('--check');

for (const { path, source, content } of await generatedFiles(repository)) {
  const current = await readFile(join(repository, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (current === content) continue;
  if (checking) {
    console.error(`${path} is not what ${source} makes of it: run "npm run generate".`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), content);
    console.log(`wrote ${path}`);
  }
}
