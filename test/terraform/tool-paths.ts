import type { Tools } from './tools.ts';

/** Name of the variable by which run.ts tells the tests where the programs are. */
export const TOOLS_VARIABLE = 'TERRAFORM_TEST_TOOLS';

/** The programs that run.ts prepared. @throws Error when the tests were not started by it */
export function toolPaths(): Tools {
  const text = process.env[TOOLS_VARIABLE];
  if (text === undefined) throw new Error('Start these tests with "npm run test:terraform".');
  return JSON.parse(text);
}
