import { makeBundle } from '../../hack/make-bundle.ts';
import { forgetFigures, reportFigures } from './figures.ts';

/** Makes the program to be tested. Each test file adds its figures; at the end they are printed together. */
export default async function setup(): Promise<() => Promise<void>> {
  await makeBundle('proxy');
  await forgetFigures();
  return async () => {
    console.log(`\n${await reportFigures()}\n`);
  };
}
