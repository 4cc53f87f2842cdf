import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Docker, startDocker } from './docker.ts';
import { type Moto, startMoto } from './moto.ts';
import { type Registry, startRegistry } from './registry.ts';
import { ACCOUNT, REGION } from './sandbox.ts';
import { toolPaths } from './tool-paths.ts';
import {
  CLUSTER_FACTS,
  createStateBucket,
  createWorkspace,
  mustTerraform,
  planned,
  readOutputs,
  STATE_BUCKET,
  type Workspace,
  writeClusterState,
} from './workspace.ts';

let moto: Moto;
let workspace: Workspace;

/** Images that exist already: nothing is built. */
const NO_BUILD = ['-var=operator_image=example.com/operator:1', '-var=proxy_image=example.com/proxy:1'];

const terraform = (command: 'apply' | 'destroy', ...args: string[]) =>
  mustTerraform(workspace, [command, '-input=false', '-auto-approve', '--var-file=vars.tfvars', ...args]);

async function keysIn(bucket: string): Promise<string[]> {
  const { Contents = [] } = (await workspace.aws(['s3api', 'list-objects-v2', '--bucket', bucket])) as {
    Contents?: { Key: string }[];
  };
  return Contents.map(({ Key }) => Key);
}

async function bucketNames(): Promise<string[]> {
  const { Buckets } = (await workspace.aws(['s3api', 'list-buckets'])) as { Buckets: { Name: string }[] };
  return Buckets.map(({ Name }) => Name).sort();
}

/** The statements of the policy, by their names. */
async function readerPolicy(policyArn: string): Promise<Record<string, unknown>> {
  const { PolicyVersion } = (await workspace.aws([
    ...['iam', 'get-policy-version', '--policy-arn', policyArn, '--version-id', 'v1'],
  ])) as { PolicyVersion: { Document: { Statement: { Sid: string }[] } } };
  return Object.fromEntries(PolicyVersion.Document.Statement.map((statement) => [statement.Sid, statement]));
}

beforeAll(async () => {
  moto = await startMoto();
  workspace = await createWorkspace(moto.environment, { install: false });
  await createStateBucket(workspace);
  await writeClusterState(workspace, CLUSTER_FACTS);
  await mustTerraform(workspace, ['init', '-input=false']);
});

afterAll(async () => {
  await moto?.stop();
});

describe('a bucket that exists', () => {
  const BUCKET = 'pictures-of-others';
  const settings = [...NO_BUILD, `-var=existing_bucket=${BUCKET}`];

  beforeAll(async () => {
    await workspace.aws([
      ...['s3api', 'create-bucket', '--bucket', BUCKET],
      ...['--create-bucket-configuration', `LocationConstraint=${REGION}`],
    ]);
    await workspace.aws(['s3api', 'put-object', '--bucket', BUCKET, '--key', 'theirs.jpg']);
  });

  it('is published as it is', async () => {
    await terraform('apply', ...settings);
    const outputs = await readOutputs<{ bucket_name: string; policy_arn: string }>(workspace);
    expect(outputs.bucket_name).toBe(BUCKET);
    expect(await readerPolicy(outputs.policy_arn)).toMatchObject({
      ListBucket: { Resource: `arn:aws:s3:::${BUCKET}` },
      GetObject: { Resource: `arn:aws:s3:::${BUCKET}/*` },
    });
    expect(await mustTerraform(workspace, ['state', 'list'])).not.toMatch(/aws_s3_bucket_|samples/);
    expect(await keysIn(BUCKET)).toEqual(['theirs.jpg']);
  });

  it('gets the sample pictures when that is asked for', async () => {
    await terraform('apply', ...settings, '-var=upload_samples=true');
    expect(await keysIn(BUCKET)).toEqual(expect.arrayContaining(['1.jpg', 'theirs.jpg']));
  });

  it('is left with what it had', async () => {
    await terraform('destroy', ...settings, '-var=upload_samples=true');
    expect(await keysIn(BUCKET)).toEqual(['theirs.jpg']);
  });
});

describe('a bucket with versions, expiry and a key of its own', () => {
  let settings: string[];
  let key: string;

  beforeAll(async () => {
    const { KeyMetadata } = (await workspace.aws(['kms', 'create-key'])) as { KeyMetadata: { Arn: string } };
    key = KeyMetadata.Arn;
    settings = [
      ...NO_BUILD,
      ...['-var=bucket_versioning=true', '-var=bucket_noncurrent_days=5', '-var=bucket_expiration_days=90'],
      `-var=bucket_kms_key_arn=${key}`,
    ];
  });

  it('is made so', async () => {
    await terraform('apply', ...settings);
    const { bucket_name: bucket, policy_arn } = await readOutputs<Record<string, string>>(workspace);
    const s3api = (operation: string) => workspace.aws(['s3api', operation, '--bucket', bucket ?? '']);
    expect(await s3api('get-bucket-versioning')).toMatchObject({ Status: 'Enabled' });
    expect(await s3api('get-bucket-lifecycle-configuration')).toMatchObject({
      Rules: [
        { ID: 'abort-incomplete-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        { ID: 'expire-earlier-versions', NoncurrentVersionExpiration: { NoncurrentDays: 5 } },
        { ID: 'expire-objects', Expiration: { Days: 90 } },
      ],
    });
    expect(await s3api('get-bucket-encryption')).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
            BucketKeyEnabled: true,
          },
        ],
      },
    });
    expect((await readerPolicy(policy_arn ?? '')).DecryptObjects).toEqual({
      Sid: 'DecryptObjects',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: key,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${REGION}.amazonaws.com` } },
    });
  });

  it('is deleted with all versions of the sample pictures', async () => {
    await appendFile(join(workspace.directory, 'hack/samples/1.jpg'), 'x');
    await terraform('apply', ...settings);
    const { bucket_name: bucket } = await readOutputs<Record<string, string>>(workspace);
    const { Versions } = (await workspace.aws([
      ...['s3api', 'list-object-versions', '--bucket', bucket ?? '', '--prefix', '1.jpg'],
    ])) as { Versions: unknown[] };
    expect(Versions.length).toBeGreaterThan(0);
    await terraform('destroy', ...settings);
    expect(await bucketNames()).not.toContain(bucket);
  });
});

/** moto has no Pod Identity, so this is as far as it goes: what the provider would ask of EKS. */
it('EKS Pod Identity ties role, namespace and service account together', async () => {
  const resources = await planned(workspace, [...NO_BUILD, '-var=identity=pod-identity']);
  expect(resources.get('module.aws.aws_eks_pod_identity_association.this[0]')).toMatchObject({
    cluster_name: CLUSTER_FACTS.cluster_name,
    namespace: 's3proxy',
    service_account: 's3proxy',
  });
  const role = resources.get('module.aws.aws_iam_role.this[0]') as { assume_role_policy: string };
  expect(JSON.parse(role.assume_role_policy)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Action: ['sts:TagSession', 'sts:AssumeRole'],
        Condition: {
          StringEquals: {
            'aws:SourceAccount': ACCOUNT,
            'aws:RequestTag/eks-cluster-arn': `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${CLUSTER_FACTS.cluster_name}`,
            'aws:RequestTag/kubernetes-namespace': 's3proxy',
            'aws:RequestTag/kubernetes-service-account': 's3proxy',
          },
        },
      },
    ],
  });
});

describe('images for Graviton nodes', () => {
  let registry: Registry;
  let docker: Docker;

  beforeAll(async () => {
    registry = await startRegistry(toolPaths().registry);
    docker = await startDocker();
  });

  afterAll(async () => {
    await Promise.all([registry?.stop(), docker?.stop()]);
  });

  it('are built without an emulator', async () => {
    const { image_build_args, image_build_options } = docker.variables;
    const base = await docker.emptyImage('arm64');
    const settings = {
      image_architecture: 'arm64',
      // The provider watches it for a minute.
      bucket_abort_upload_days: null,
      image_build_args: { ...image_build_args, BASE_IMAGE: base },
      image_build_options,
    };
    await writeFile(join(workspace.root, 'graviton.tfvars.json'), JSON.stringify(settings));
    const files = ['--var-file=vars.tfvars', '--var-file=graviton.tfvars.json'];
    const arguments_ = ['-input=false', '-auto-approve', ...files];
    await mustTerraform(workspace, ['apply', ...arguments_], { env: docker.environment });
    const { images } = await readOutputs<{ images: Record<string, string> }>(workspace);
    for (const image of Object.values(images)) expect(await docker.architecture(image)).toBe('arm64');
    await mustTerraform(workspace, ['destroy', ...arguments_], { env: docker.environment });
    expect(await bucketNames()).toEqual(['pictures-of-others', STATE_BUCKET].sort());
  });
});
