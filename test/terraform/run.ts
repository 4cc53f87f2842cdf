import { dirname, join, resolve } from 'node:path';
import { runInSandbox } from './sandbox.ts';
import { TOOLS_VARIABLE } from './tool-paths.ts';
import { prepareTools } from './tools.ts';

// npm run test:terraform [-- vitest arguments]: makes the programs, then runs the tests in a sandbox.
try {
  const tools = await prepareTools();
  const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, 'vitest.config.ts');
  process.exitCode = await runInSandbox(
    [process.execPath, vitest, 'run', '--config', config, ...process.argv.slice(2)],
    {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      [TOOLS_VARIABLE]: JSON.stringify(tools),
    },
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
