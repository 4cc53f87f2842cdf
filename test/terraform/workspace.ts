import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Finished, mustRun, run } from './processes.ts';
import { ACCOUNT, REGION, sandbox } from './sandbox.ts';
import { toolPaths } from './tool-paths.ts';

const repository = resolve(import.meta.dirname, '../..');

/** What a root configuration needs of this repository. */
const COPIED = [
  'terraform',
  'chart',
  'operator',
  'proxy',
  'hack/bundle.ts',
  'hack/samples',
  'test/terraform/cluster-state',
];
const COPIED_FILES = [
  'package.json',
  'package-lock.json',
  'Dockerfile.operator',
  'Dockerfile.proxy',
  '.dockerignore',
  '.npmrc',
];

/** Where the administrator is said to keep the cluster's state. */
export const STATE_BUCKET = 'terraform-state';
export const STATE_KEY = 'eks/terraform.tfstate';

/** What that state says, under the names of terraform-aws-modules/eks. */
export const CLUSTER_FACTS = {
  cluster_name: 'demo',
  cluster_endpoint: 'https://example.gr7.eu-west-1.eks.amazonaws.com',
  cluster_certificate_authority_data: 'LS0t',
  oidc_provider_arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.${REGION}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE`,
};

/** A copy of the repository in which Terraform works as it would for a user. */
export interface Workspace {
  /** The copy's root. */
  directory: string;
  /** `terraform/` in it. */
  root: string;
  environment: NodeJS.ProcessEnv;
  /** Runs terraform in the root (or another directory of the copy). */
  terraform(
    args: readonly string[],
    options?: { directory?: string; env?: NodeJS.ProcessEnv },
  ): Promise<Finished>;
  /** Runs the AWS CLI; its answer as JSON, undefined where it has none. */
  aws(args: readonly string[]): Promise<unknown>;
}

/**
 * Copies the repository and fills in vars.tfvars and cluster.auto.tfvars as the README says.
 * @param variables what a test sets besides, by name
 */
export async function createWorkspace(
  environment: NodeJS.ProcessEnv,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Workspace> {
  const tools = toolPaths();
  const directory = await mkdtemp(join(sandbox().directory, 'workspace-'));
  const listed = await mustRun(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...COPIED, ...COPIED_FILES],
    { cwd: repository },
  );
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await cp(join(repository, file), join(directory, file));
  }
  const root = join(directory, 'terraform');
  const example = await readFile(join(root, 'vars.tfvars.example'), 'utf8');
  await writeFile(
    join(root, 'vars.tfvars'),
    example.replace('<aws-account-number>', ACCOUNT).replace('<role-name>', 'deployer'),
  );
  const clusterExample = await readFile(join(root, 'cluster.auto.tfvars.example'), 'utf8');
  await writeFile(
    join(root, 'cluster.auto.tfvars'),
    clusterExample.replace('<state-bucket>', STATE_BUCKET).replace('<path/to/terraform.tfstate>', STATE_KEY),
  );

  await writeFile(join(root, 'test.auto.tfvars.json'), JSON.stringify(variables));

  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...environment,
    PATH: [tools.pythonBin, environment.PATH ?? process.env.PATH ?? ''].join(delimiter),
    TF_CLI_CONFIG_FILE: tools.cliConfig ?? '/dev/null',
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    AWS_PAGER: '',
    AWS_RETRY_MODE: 'standard',
  };
  return {
    directory,
    root,
    environment: env,
    terraform: (args, options = {}) =>
      run(tools.terraform, args, {
        cwd: options.directory ?? root,
        env: { ...env, ...options.env },
        timeoutMs: 900_000,
      }),
    aws: async (args) => {
      const answer = await mustRun(
        join(tools.pythonBin, 'aws'),
        [...args, '--region', REGION, '--output', 'json'],
        { env },
      );
      return answer.trim() === '' ? undefined : JSON.parse(answer);
    },
  };
}

/** Makes the bucket for the administrator's state. */
export async function createStateBucket(workspace: Workspace): Promise<void> {
  await workspace.aws([
    's3api',
    'create-bucket',
    '--bucket',
    STATE_BUCKET,
    '--create-bucket-configuration',
    `LocationConstraint=${REGION}`,
  ]);
}

/** Puts the administrator's state into the bucket, by Terraform itself. `outputs` may leave some out. */
export async function writeClusterState(
  workspace: Workspace,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  const directory = join(workspace.directory, 'test/terraform/cluster-state');
  await mustTerraform(
    workspace,
    [
      'init',
      '-input=false',
      '-reconfigure',
      `-backend-config=bucket=${STATE_BUCKET}`,
      `-backend-config=key=${STATE_KEY}`,
      '-backend-config=region=eu-west-1',
    ],
    { directory },
  );
  await mustTerraform(
    workspace,
    ['apply', '-input=false', '-auto-approve', `-var=outputs=${JSON.stringify(outputs)}`],
    { directory },
  );
}

/** Runs terraform, which must succeed; its standard output. @throws Error with everything it said */
export async function mustTerraform(
  workspace: Workspace,
  args: readonly string[],
  options: { directory?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { code, stdout, stderr } = await workspace.terraform([...args, '-no-color'], options);
  if (code === 0) return stdout;
  throw new Error(`terraform ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
}

/** The values of all outputs, by name. */
export async function readOutputs<T>(workspace: Workspace, directory = workspace.root): Promise<T> {
  const listed: Record<string, { value: unknown }> = JSON.parse(
    await mustTerraform(workspace, ['output', '-json'], { directory }),
  );
  return Object.fromEntries(Object.entries(listed).map(([name, { value }]) => [name, value])) as T;
}

/** What a plan would change, one line per resource. */
export async function plannedChanges(workspace: Workspace, args: readonly string[] = []): Promise<string[]> {
  return (await resourceChanges(workspace, args))
    .filter(({ change }) => change.actions.join() !== 'no-op' && change.actions.join() !== 'read')
    .map(({ address, change }) => `${address}: ${change.actions.join(', ')}`)
    .sort();
}

/** What a plan knows of each resource as it will be, by address. */
export async function planned(
  workspace: Workspace,
  args: readonly string[] = [],
): Promise<Map<string, unknown>> {
  const changes = await resourceChanges(workspace, args);
  return new Map(changes.map(({ address, change }) => [address, change.after]));
}

interface ResourceChange {
  address: string;
  change: { actions: string[]; after: unknown };
}

async function resourceChanges(workspace: Workspace, args: readonly string[]): Promise<ResourceChange[]> {
  await mustTerraform(workspace, [
    ...['plan', '-input=false', '-out=next.plan', '--var-file=vars.tfvars'],
    ...args,
  ]);
  const plan: { resource_changes: ResourceChange[] } = JSON.parse(
    await mustTerraform(workspace, ['show', '-json', 'next.plan']),
  );
  return plan.resource_changes;
}
