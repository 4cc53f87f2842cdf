import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { binaries } from '../../hack/cluster/binaries/binary.ts';
import { cacheDirectory } from '../../hack/cluster/binaries/cache-directory.ts';
import { withLock } from '../../hack/cluster/binaries/lock.ts';
import { ensurePrerequisites } from '../../hack/cluster/node/prerequisites.ts';
import { systemImages } from '../../hack/cluster/node/system-images.ts';
import { summaryLine, tallyOfCommand, tallyOfVitest } from '../../hack/test/tally.ts';
import { TERRAFORM_TEST_PREREQUISITES } from './prerequisites.ts';
import { runInSandbox } from './sandbox.ts';
import { TOOLS_VARIABLE } from './tool-paths.ts';
import { prepareTools } from './tools.ts';

// npm run test:terraform [-- vitest arguments]: makes the programs, then runs the tests in a sandbox. Ends with one line that counts them.
try {
  await ensurePrerequisites(TERRAFORM_TEST_PREREQUISITES);
  // Before the tests, which have no patience for a build.
  await binaries(
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
  );
  await binaries('kubectl', 'helm', 'versitygw');
  await systemImages();
  const tools = await prepareTools();
  const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const report = resolve(import.meta.dirname, '../../.cache/test/terraform.json');
  await mkdir(dirname(report), { recursive: true });
  await rm(report, { force: true });
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
  // Docker's layers are kept in one place, for one engine at a time.
  const code = await withLock(cacheDirectory('terraform', 'run.lock'), () =>
    runInSandbox(
      [process.execPath, vitest, 'run', '--config', config, ...reporters, ...process.argv.slice(2)],
      {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
        [TOOLS_VARIABLE]: JSON.stringify(tools),
      },
    ),
  );
  const tally = tallyOfVitest({ code }, await readFile(report, 'utf8').catch(() => undefined));
  console.log(`\n${summaryLine(tally)}`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log(`\n${summaryLine(tallyOfCommand({ code: 1 }))}`);
  process.exitCode = 1;
}
