import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTED, readmeWithTables } from './inputs-outputs.ts';
import { mustRun, run } from './processes.ts';
import { toolPaths } from './tool-paths.ts';
import { createWorkspace, mustTerraform, type Workspace } from './workspace.ts';

let workspace: Workspace;
const directoryOf = (name: string) => join(workspace.root, name);

beforeAll(async () => {
  workspace = await createWorkspace({});
});

it('is formatted', async () => {
  // Not vars.tfvars: it is the user's, and the README's is not aligned.
  const files = (await readdir(workspace.root, { recursive: true })).filter((name) =>
    /\.(tf|tftest\.hcl)$/.test(name),
  );
  expect(await mustTerraform(workspace, ['fmt', '-check', ...files])).toBe('');
});

describe.each(DOCUMENTED)('%s', (name) => {
  it('is valid', async () => {
    const directory = directoryOf(name);
    await mustTerraform(workspace, ['init', '-input=false', '-backend=false'], { directory });
    expect(await mustTerraform(workspace, ['validate'], { directory })).toContain('Success!');
  });

  it('has a README that lists its inputs and outputs', async () => {
    const readme = await readFile(join(directoryOf(name), 'README.md'), 'utf8');
    const wanted = await readmeWithTables(toolPaths().inspect, directoryOf(name));
    expect(readme, 'run "npm run generate:terraform"').toBe(wanted);
  });
});

it.each(['.', 'modules/release'])('terraform test passes in %s', async (name) => {
  const said = await mustTerraform(workspace, ['test'], { directory: directoryOf(name) });
  expect(said).toMatch(/Success! \d+ passed, 0 failed\./);
});

it('gives tflint nothing to say', async () => {
  const { code, stdout, stderr } = await run(
    toolPaths().tflint,
    [
      '--recursive',
      '--config',
      join(workspace.root, '.tflint.hcl'),
      '--minimum-failure-severity=notice',
      '--no-color',
    ],
    { cwd: workspace.root, env: workspace.environment },
  );
  expect(stdout + stderr).toBe('');
  expect(code).toBe(0);
});

it('has shell scripts that any POSIX shell reads', async () => {
  const scripts = join(workspace.root, 'modules/aws/scripts');
  for (const script of ['aws.sh', 'samples.sh', 'push-image.sh']) {
    await mustRun('sh', ['-n', join(scripts, script)], { cwd: dirname(scripts) });
  }
});

it('keeps the vars file of the README', async () => {
  const names = (await readFile(join(workspace.root, 'vars.tfvars.example'), 'utf8'))
    .split('\n')
    .map((line) => /^(\w+) =/.exec(line)?.[1])
    .filter((found) => found !== undefined);
  expect(names).toEqual([
    'aws_region',
    'aws_role',
    's3_bucket_prefix',
    's3proxy_hostname',
    'eks_namespace',
    'eks_service_account_name',
    'docker_image_name',
    'http_auth_user',
    'http_auth_pass',
    'tags',
  ]);
});
