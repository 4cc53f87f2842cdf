import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DOCUMENTED, readmeWithTables } from './inputs-outputs.ts';
import { program } from './programs.ts';

// npm run generate:terraform: writes the inputs and outputs of terraform/ and its modules into their READMEs. With --check, writes nothing and
// fails where one differs.

const terraform = resolve(import.meta.dirname, '../../terraform');
const checking = process.argv.includes('--check');
const inspect = await program('terraform-config-inspect');

for (const directory of DOCUMENTED) {
  const file = join(terraform, directory, 'README.md');
  const wanted = await readmeWithTables(inspect, join(terraform, directory));
  if ((await readFile(file, 'utf8')) === wanted) continue;
  if (checking) {
    console.error(
      `${join('terraform', directory, 'README.md')} does not list the present inputs and outputs: run "npm run generate:terraform".`,
    );
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    console.log(`wrote ${join('terraform', directory, 'README.md')}`);
  }
}
