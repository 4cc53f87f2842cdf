import { join, resolve } from 'node:path';
import { DOCUMENTED, updateReadme } from './inputs-outputs.ts';
import { goProgram } from './tools.ts';

// Writes the inputs and outputs of terraform/ and its modules into their READMEs. The tests compare.
const terraform = resolve(import.meta.dirname, '../../terraform');
const inspect = await goProgram('terraform-config-inspect');
for (const directory of DOCUMENTED) await updateReadme(inspect, join(terraform, directory));
