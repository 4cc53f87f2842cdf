import { join } from 'node:path';
import { command } from '../../hack/cluster/command.ts';
import { forgetFigures, reportFigures } from './figures.ts';

/** Makes the program to be tested. Each test file adds its figures; at the end they are printed together. */
export default async function setup(): Promise<() => Promise<void>> {
  await command(process.execPath, [join(import.meta.dirname, '../../hack/bundle.ts'), 'proxy']);
  await forgetFigures();
  return async () => {
    console.log(`\n${await reportFigures()}\n`);
  };
}
