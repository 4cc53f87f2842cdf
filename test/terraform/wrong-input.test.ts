import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Docker, startDocker } from './docker.ts';
import { type Moto, startMoto } from './moto.ts';
import { type Registry, startRegistry } from './registry.ts';
import { toolPaths } from './tool-paths.ts';
import {
  CLUSTER_FACTS,
  createStateBucket,
  createWorkspace,
  mustTerraform,
  type Workspace,
  writeClusterState,
} from './workspace.ts';

let moto: Moto;
let docker: Docker;
let workspace: Workspace;
let variablesOnly: string;

beforeAll(async () => {
  moto = await startMoto();
  docker = await startDocker();
  workspace = await createWorkspace(
    { ...moto.environment, ...docker.environment },
    {
      install: false,
      ...docker.variables,
      // The provider watches it for a minute.
      bucket_abort_upload_days: null,
    },
  );
  await createStateBucket(workspace);
  await mustTerraform(workspace, ['init', '-input=false']);
  // The variables alone: without the provider, which takes seconds to start.
  variablesOnly = join(workspace.directory, 'variables-only');
  await mkdir(variablesOnly);
  for (const file of ['variables.tf', 'vars.tfvars', 'cluster.auto.tfvars']) {
    await copyFile(join(workspace.root, file), join(variablesOnly, file));
  }
});

afterAll(async () => {
  await Promise.all([moto?.stop(), docker?.stop()]);
});

interface Attempt {
  command?: 'plan' | 'apply';
  /** Set with -var. */
  variables?: Readonly<Record<string, string>>;
  env?: NodeJS.ProcessEnv;
  args?: readonly string[];
  directory?: string;
}

/** Runs plan or apply, which must fail with exactly one error; its text on one line. */
async function onlyError({
  command = 'plan',
  variables = {},
  env = {},
  args = [],
  directory = workspace.root,
}: Attempt): Promise<string> {
  const { code, stdout, stderr } = await workspace.terraform(
    [
      ...[command, '-input=false', '-no-color', '--var-file=vars.tfvars'],
      ...(command === 'apply' ? ['-auto-approve'] : []),
      ...args,
      ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
    ],
    { env, directory },
  );
  expect(code, stdout).toBe(1);
  const [, ...errors] = stderr.split(/^Error: /m);
  expect(errors, stderr).toHaveLength(1);
  return (errors[0] ?? '').replace(/\s+/g, ' ');
}

describe('a variable that cannot be right is refused before anything is asked of AWS', () => {
  it.each([
    [
      'aws_role',
      'arn:aws:iam::<aws-account-number>:role/<role-name>',
      "which is no IAM role's ARN. Give it in full, for example arn:aws:iam::123456789012:role/deployer",
    ],
    ['aws_role', 'arn:aws:iam::123456789012:user/somebody', "which is no IAM role's ARN"],
    [
      'aws_region',
      'Ireland',
      'aws_region is "Ireland", which is no AWS region. Give its code, for example eu-west-1',
    ],
    [
      's3proxy_hostname',
      'https://s3proxy.dummy.local/',
      'which is no host name. Give the bare name in lower case, without https:// and a path',
    ],
    ['s3proxy_hostname', 's3_proxy.dummy.local', 'which is no host name'],
    ['s3proxy_hostname', '10.0.0.1', 'and not an address'],
    ['s3_bucket_prefix', 'a-prefix-that-is-a-little-bit-too-long', 'has 38 characters; 36 is the most'],
    [
      's3_bucket_prefix',
      'My_Bucket',
      'is not the start of a bucket name: use lower-case letters, digits and hyphens',
    ],
    ['eks_namespace', 'S3 Proxy', 'which is no namespace name'],
    ['eks_service_account_name', '-s3proxy', 'use at most 52 lower-case letters'],
    ['docker_image_name', 's3proxy-api:latest', 'which is no ECR repository name'],
    ['http_auth_user', 'a:b', 'without spaces and colons'],
    ['tags', '{"aws:owner"="me"}', 'keys of 1 to 128 characters that do not begin with aws:'],
    ['identity', 'root', 'it must be irsa, pod-identity or secret'],
    ['identity', 'secret', 'credentials_secret_name goes with identity = "secret"'],
    ['image_architecture', 'x86_64', 'it must be amd64 or arm64'],
    ['tls_mode', 'on', 'it must be selfSigned, secretName or disabled'],
    ['tls_mode', 'secretName', 'tls_secret_name goes with tls_mode = "secretName"'],
    ['kubeconfig_path', '/nowhere/config', 'names "/nowhere/config", which does not exist'],
    ['existing_bucket', 's3://bucket', 'which is no bucket name'],
    ['s3_endpoint', 'minio:9000', 'must be a URL without a path'],
    ['bucket_expiration_days', '0', 'must be a whole number of at least 1'],
  ])('%s = %s', async (name, value, message) => {
    const error = await onlyError({ variables: { [name]: value }, directory: variablesOnly });
    expect(error).toContain('Invalid value for variable');
    expect(error).toContain(message);
  });

  it('in the whole configuration too', async () => {
    const error = await onlyError({ args: ['-var-file=vars.tfvars.example'] });
    expect(error).toContain(
      'aws_role is "arn:aws:iam::<aws-account-number>:role/<role-name>", which is no IAM role\'s ARN.',
    );
  });
});

describe("the cluster's state", () => {
  it('is not there', async () => {
    expect(await onlyError({})).toContain(
      'There is no Terraform state of the cluster at s3://terraform-state/eks/terraform.tfstate. Check cluster_state_bucket, cluster_state_key and cluster_state_region',
    );
  });

  it('has no bucket', async () => {
    const error = await onlyError({ variables: { cluster_state_bucket: 'no-such-bucket' } });
    expect(error).toContain('no-such-bucket');
    expect(error).toContain('NoSuchBucket');
  });

  it('is not named', async () => {
    await writeFile(
      join(workspace.root, 'unnamed.tfvars'),
      'cluster_state_bucket = null\ncluster_state_key = null\n',
    );
    expect(await onlyError({ args: ['-var-file=unnamed.tfvars'] })).toContain(
      'identity = "irsa" needs to know the cluster: set cluster_state_bucket and cluster_state_key',
    );
  });

  it('lacks an output', async () => {
    const { oidc_provider_arn: _, ...others } = CLUSTER_FACTS;
    await writeClusterState(workspace, others);
    expect(await onlyError({})).toContain(
      "The cluster's state at s3://terraform-state/eks/terraform.tfstate lacks the output oidc_provider_arn; its outputs are: cluster_certificate_authority_data, cluster_endpoint, cluster_name.",
    );
  });

  it('lacks outputs under the names that the map gives', async () => {
    await writeClusterState(workspace, CLUSTER_FACTS);
    expect(
      await onlyError({ variables: { cluster_state_outputs: '{oidc_provider_arn="oidc_arn"}' } }),
    ).toContain('lacks the output oidc_arn; its outputs are:');
  });
});

it('never shows a password that it refuses', async () => {
  const error = await onlyError({ variables: { install: 'true', http_auth_pass: 'sh0rt' } });
  expect(error).toContain('The password (http_auth_pass, auth_password) must have 8 to 255 characters');
  expect(error).not.toContain('sh0rt');
});

describe('a tool fails on the way, is mended, and the next apply goes on', () => {
  let registry: Registry;
  let pathWithoutAws: string;

  const stateList = async () => (await mustTerraform(workspace, ['state', 'list'])).split('\n');
  const samples = 'module.aws.terraform_data.samples[0]';

  beforeAll(async () => {
    await writeClusterState(workspace, CLUSTER_FACTS);
    registry = await startRegistry(toolPaths().registry, { readOnly: true });
    pathWithoutAws = join(workspace.directory, 'bin-without-aws');
    await mkdir(pathWithoutAws);
    for (const name of ['sh', 'dirname', 'tr', 'cut', 'mktemp', 'rm']) {
      await symlink(`/usr/bin/${name}`, join(pathWithoutAws, name));
    }
  });

  afterAll(async () => {
    await registry?.stop();
  });

  it('no AWS CLI', async () => {
    const error = await onlyError({ command: 'apply', env: { PATH: pathWithoutAws } });
    expect(error).toContain(
      'error: The AWS CLI (aws) was not found on PATH. Install version 2, https://docs.aws.amazon.com/cli/',
    );
    expect(error).toContain('run terraform apply again: it goes on from here.');
    expect(await stateList()).toContain('module.aws.aws_s3_bucket.this[0]');
  });

  it('no Docker', async () => {
    const error = await onlyError({
      command: 'apply',
      env: { PATH: `${toolPaths().pythonBin}:${pathWithoutAws}` },
    });
    expect(error).toContain(
      'error: Docker (docker) was not found on PATH. Install Docker Engine, https://docs.docker.com/engine/install/',
    );
    expect(await stateList()).toContain(samples);
  });

  it('Docker is not running', async () => {
    const error = await onlyError({ command: 'apply', env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(error).toContain('error: Docker is installed but its daemon does not answer: ');
    expect(error).toContain('unix:///nowhere/docker.sock');
    expect(error).toContain('or set DOCKER_HOST, then run terraform apply again');
  });

  it('the build fails', async () => {
    const error = await onlyError({
      command: 'apply',
      variables: {
        image_build_args: JSON.stringify({
          ...docker.variables.image_build_args,
          BASE_IMAGE: 'localhost:1/no-such-base:1',
        }),
      },
    });
    expect(error).toContain(
      'error: Docker could not build Dockerfile.operator; its own message stands above.',
    );
  });

  it('the registry refuses the push', async () => {
    const error = await onlyError({ command: 'apply' });
    expect(error).toContain(
      'error: The registry refused the push of 123456789012.dkr.ecr.eu-west-1.amazonaws.com/s3proxy-api-operator:',
    );
    expect(error).toContain(
      'Check that the role arn:aws:iam::123456789012:role/deployer may push to the repository s3proxy-api-operator',
    );
  });

  it('and everything mended, the same bucket serves', async () => {
    const bucketOf = async () => {
      const shown = await mustTerraform(workspace, ['state', 'show', 'module.aws.aws_s3_bucket.this[0]']);
      return /^ +bucket += "(.+)"$/m.exec(shown)?.[1];
    };
    const before = await bucketOf();
    await registry.stop();
    registry = await startRegistry(toolPaths().registry);
    await mustTerraform(workspace, ['apply', '-input=false', '-auto-approve', '--var-file=vars.tfvars']);
    expect(await bucketOf()).toBe(before);
    expect(await registry.tags('s3proxy-api')).toHaveLength(1);
    await mustTerraform(workspace, ['destroy', '-input=false', '-auto-approve', '--var-file=vars.tfvars']);
  });
});
