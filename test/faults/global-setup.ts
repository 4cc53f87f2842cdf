import { forgetFigures, reportFigures } from './figures.ts';
import { makeBundle } from './proxy-process.ts';

/** Makes the program to be tested. Each test file adds its figures; at the end they are printed together. */
export default async function setup(): Promise<() => Promise<void>> {
  await makeBundle();
  await forgetFigures();
  return async () => {
    console.log(`\n${await reportFigures()}\n`);
  };
}
