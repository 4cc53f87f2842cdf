import { existsSync } from 'node:fs';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from './content-hash.ts';
import { type Docker, startDocker } from './docker.ts';
import { type Moto, startMoto } from './moto.ts';
import { ECR_HOST, type Registry, startRegistry } from './registry.ts';
import { REGION } from './sandbox.ts';
import { toolPaths } from './tool-paths.ts';
import {
  CLUSTER_FACTS,
  createStateBucket,
  createWorkspace,
  mustTerraform,
  plannedChanges,
  readOutputs,
  STATE_BUCKET,
  type Workspace,
  writeClusterState,
} from './workspace.ts';

const OIDC_ISSUER = `oidc.eks.${REGION}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE`;
const TAGS = [
  { Key: 'CostCenter', Value: 'Automation' },
  { Key: 'Project', Value: 'S3Proxy' },
  { Key: 'Terraform', Value: 'True' },
];

interface Outputs {
  app_url_example: string;
  bucket_name: string;
  role_arn: string;
  policy_arn: string;
  repository_urls: Record<'operator' | 'proxy', string>;
  images: Record<'operator' | 'proxy', string>;
}

/** One step builds on the one before, as a user's do. */
describe('the AWS side, from the vars file as it is in the README', () => {
  let moto: Moto;
  let registry: Registry;
  let docker: Docker;
  let workspace: Workspace;
  let outputs: Outputs;

  const apply = () =>
    mustTerraform(workspace, ['apply', '-input=false', '-auto-approve', '--var-file=vars.tfvars']);
  const s3api = (operation: string) => workspace.aws(['s3api', operation, '--bucket', outputs.bucket_name]);
  const tagOf = (image: string) => image.slice(image.lastIndexOf(':') + 1);

  beforeAll(async () => {
    const tools = toolPaths();
    // Docker after the registry: it keeps for some seconds what it once read of host names.
    [moto, registry] = await Promise.all([startMoto(), startRegistry(tools.registry)]);
    docker = await startDocker();
    workspace = await createWorkspace(
      { ...moto.environment, ...docker.environment },
      // The cluster comes in another test: here nothing is installed.
      { install: false, ...docker.variables },
    );
    await createStateBucket(workspace);
    await writeClusterState(workspace, CLUSTER_FACTS);
  });

  afterAll(async () => {
    await Promise.all([moto?.stop(), registry?.stop(), docker?.stop()]);
  });

  it('inits and applies', async () => {
    await mustTerraform(workspace, ['init', '-input=false']);
    await apply();
    outputs = await readOutputs(workspace);
    expect(outputs.app_url_example).toBe('https://s3proxy.dummy.local/1.jpg');
  });

  it('made a private bucket', async () => {
    expect(outputs.bucket_name).toMatch(/^s3proxy-bucket-\d{26}$/);
    expect(await s3api('get-public-access-block')).toEqual({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(await s3api('get-bucket-encryption')).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(await s3api('get-bucket-ownership-controls')).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(await s3api('get-bucket-lifecycle-configuration')).toMatchObject({
      Rules: [
        {
          ID: 'abort-incomplete-uploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ],
    });
    expect(await s3api('get-bucket-tagging')).toEqual({ TagSet: expect.arrayContaining(TAGS) });
    const { Policy } = (await s3api('get-bucket-policy')) as { Policy: string };
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'DenyWithoutTLS',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::${outputs.bucket_name}/*`, `arn:aws:s3:::${outputs.bucket_name}`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  it('put the sample pictures into it', async () => {
    const samples = join(workspace.directory, 'hack/samples');
    const names = (await readdir(samples)).filter((name) => /\.(jpg|png)$/.test(name)).sort();
    expect(names).toContain('1.jpg');
    const { Contents } = (await s3api('list-objects-v2')) as { Contents: { Key: string }[] };
    expect(Contents.map(({ Key }) => Key)).toEqual(names);
    for (const name of names) {
      const copy = join(workspace.directory, `copy-of-${name}`);
      const answer = await workspace.aws([
        's3api',
        'get-object',
        '--bucket',
        outputs.bucket_name,
        '--key',
        name,
        copy,
      ]);
      expect(answer).toMatchObject({ ContentType: name.endsWith('.png') ? 'image/png' : 'image/jpeg' });
      expect(await sha256(copy)).toBe(await sha256(join(samples, name)));
    }
  });

  it('made a policy that reads this bucket and nothing else', async () => {
    const answer = await workspace.aws([
      'iam',
      'get-policy-version',
      '--policy-arn',
      outputs.policy_arn,
      '--version-id',
      'v1',
    ]);
    expect(answer).toMatchObject({
      PolicyVersion: {
        Document: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'ListBucket',
              Effect: 'Allow',
              Action: 's3:ListBucket',
              Resource: `arn:aws:s3:::${outputs.bucket_name}`,
            },
            {
              Sid: 'GetObject',
              Effect: 'Allow',
              Action: 's3:GetObject',
              Resource: `arn:aws:s3:::${outputs.bucket_name}/*`,
            },
          ],
        },
      },
    });
    expect(
      await workspace.aws(['iam', 'list-policy-tags', '--policy-arn', outputs.policy_arn]),
    ).toMatchObject({
      Tags: expect.arrayContaining(TAGS),
    });
  });

  it('made a role that only the service account may assume', async () => {
    const RoleName = outputs.role_arn.slice(outputs.role_arn.lastIndexOf('/') + 1);
    const { Role } = (await workspace.aws(['iam', 'get-role', '--role-name', RoleName])) as { Role: unknown };
    expect(Role).toMatchObject({
      Arn: outputs.role_arn,
      Tags: expect.arrayContaining(TAGS),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: CLUSTER_FACTS.oidc_provider_arn },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: {
                [`${OIDC_ISSUER}:aud`]: 'sts.amazonaws.com',
                [`${OIDC_ISSUER}:sub`]: 'system:serviceaccount:s3proxy:s3proxy',
              },
            },
          },
        ],
      },
    });
    expect(await workspace.aws(['iam', 'list-attached-role-policies', '--role-name', RoleName])).toEqual({
      AttachedPolicies: [{ PolicyName: expect.any(String), PolicyArn: outputs.policy_arn }],
    });
    expect(await workspace.aws(['iam', 'list-role-policies', '--role-name', RoleName])).toEqual({
      PolicyNames: [],
    });
  });

  it('made both image repositories', async () => {
    const { repositories } = (await workspace.aws(['ecr', 'describe-repositories'])) as {
      repositories: { repositoryName: string; repositoryArn: string }[];
    };
    expect(repositories.map(({ repositoryName }) => repositoryName).sort()).toEqual([
      's3proxy-api',
      's3proxy-api-operator',
    ]);
    for (const repository of repositories) {
      expect(repository).toMatchObject({
        repositoryUri: `${ECR_HOST}/${repository.repositoryName}`,
        imageTagMutability: 'IMMUTABLE',
        imageScanningConfiguration: { scanOnPush: true },
      });
      const { lifecyclePolicyText } = (await workspace.aws([
        'ecr',
        'get-lifecycle-policy',
        '--repository-name',
        repository.repositoryName,
      ])) as { lifecyclePolicyText: string };
      const policy: { rules: { action: { type: string } }[] } = JSON.parse(lifecyclePolicyText);
      expect(policy.rules.map(({ action }) => action.type)).toEqual(['expire', 'expire']);
      expect(
        await workspace.aws(['ecr', 'list-tags-for-resource', '--resource-arn', repository.repositoryArn]),
      ).toEqual({
        tags: expect.arrayContaining(TAGS),
      });
    }
  });

  it('built both images and pushed them', async () => {
    expect(outputs.images).toEqual({
      operator: expect.stringMatching(`^${ECR_HOST}/s3proxy-api-operator:[0-9a-f]{16}$`),
      proxy: expect.stringMatching(`^${ECR_HOST}/s3proxy-api:[0-9a-f]{16}$`),
    });
    expect(await registry.tags('s3proxy-api')).toEqual([tagOf(outputs.images.proxy)]);
    expect(await registry.tags('s3proxy-api-operator')).toEqual([tagOf(outputs.images.operator)]);
    // What was pushed is a program that starts: the proxy says which variable it lacks.
    await docker.pull(outputs.images.proxy);
    expect(await docker.failure(outputs.images.proxy)).toContain('S3_BUCKET');
  });

  it('left no login behind', async () => {
    expect(existsSync(join(docker.environment.DOCKER_CONFIG ?? '', 'config.json'))).toBe(false);
  });

  it('finds nothing to change the second time', async () => {
    expect(await plannedChanges(workspace)).toEqual([]);
  });

  it('builds one image again when one source file changes, and only that one', async () => {
    await appendFile(join(workspace.directory, 'proxy/src/main.ts'), '\n// changed\n');
    expect(await plannedChanges(workspace)).toEqual([
      'module.aws.terraform_data.proxy_image[0]: delete, create',
    ]);
    await apply();
    const before = outputs;
    outputs = await readOutputs(workspace);
    expect(outputs.images.operator).toBe(before.images.operator);
    expect(outputs.images.proxy).not.toBe(before.images.proxy);
    expect((await registry.tags('s3proxy-api')).sort()).toEqual(
      [tagOf(before.images.proxy), tagOf(outputs.images.proxy)].sort(),
    );
    expect(await registry.tags('s3proxy-api-operator')).toEqual([tagOf(before.images.operator)]);
  });

  it('builds no image again for a changed test file', async () => {
    await writeFile(join(workspace.directory, 'proxy/src/another.test.ts'), 'export {};\n');
    expect(await plannedChanges(workspace)).toEqual([]);
  });

  it('copies the pictures again when one changes', async () => {
    await appendFile(join(workspace.directory, 'hack/samples/1.jpg'), 'x');
    expect(await plannedChanges(workspace)).toEqual(['module.aws.terraform_data.samples[0]: delete, create']);
    await apply();
    const copy = join(workspace.directory, 'changed.jpg');
    await workspace.aws(['s3api', 'get-object', '--bucket', outputs.bucket_name, '--key', '1.jpg', copy]);
    expect(await sha256(copy)).toBe(await sha256(join(workspace.directory, 'hack/samples/1.jpg')));
  });

  it('refuses to delete a bucket with objects of other people in it', async () => {
    await workspace.aws(['s3api', 'put-object', '--bucket', outputs.bucket_name, '--key', 'theirs']);
    const { code, stderr } = await workspace.terraform([
      'destroy',
      '-input=false',
      '-auto-approve',
      '-no-color',
      '--var-file=vars.tfvars',
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('BucketNotEmpty');
    await workspace.aws(['s3api', 'delete-object', '--bucket', outputs.bucket_name, '--key', 'theirs']);
  });

  it('leaves nothing behind after destroy', async () => {
    await mustTerraform(workspace, ['destroy', '-input=false', '-auto-approve', '--var-file=vars.tfvars']);
    const { Buckets } = (await workspace.aws(['s3api', 'list-buckets'])) as { Buckets: { Name: string }[] };
    expect(Buckets.map(({ Name }) => Name)).toEqual([STATE_BUCKET]);
    expect(await workspace.aws(['iam', 'list-roles'])).toMatchObject({ Roles: [] });
    expect(await workspace.aws(['iam', 'list-policies', '--scope', 'Local'])).toMatchObject({ Policies: [] });
    expect(await workspace.aws(['ecr', 'describe-repositories'])).toMatchObject({ repositories: [] });
    expect(await mustTerraform(workspace, ['state', 'list'])).toBe('');
  });
});
