import { join, resolve } from 'node:path';
import { DOCUMENTED, updateReadme } from './inputs-outputs.ts';
import { program } from './programs.ts';

// Writes the inputs and outputs of terraform/ and its modules into their READMEs. The tests compare.
const terraform = resolve(import.meta.dirname, '../../terraform');
const inspect = await program('terraform-config-inspect');
for (const directory of DOCUMENTED) await updateReadme(inspect, join(terraform, directory));
