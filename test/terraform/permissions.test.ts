import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Moto, startMoto } from './moto.ts';
import { outcome, type Tried, tryEveryAction } from './s3-actions.ts';
import { ACCOUNT, REGION } from './sandbox.ts';
import { type WebIdentityClaims, webIdentityToken } from './web-identity-token.ts';
import {
  CLUSTER_FACTS,
  createStateBucket,
  createWorkspace,
  mustTerraform,
  STATE_BUCKET,
  STATE_KEY,
  type Workspace,
  writeClusterState,
} from './workspace.ts';

/** Who gets the role: the service account of the vars file, with a token for STS. */
const PROXY: WebIdentityClaims = { aud: ['sts.amazonaws.com'], sub: 'system:serviceaccount:s3proxy:s3proxy' };

/** What the proxy calls: GET and HEAD of an object, and listings. */
const NEEDED = ['GetObject', 'HeadObject', 'ListObjects', 'ListObjectsV2'];

/** Operations for which moto has no right of their own. In AWS each has its own action, which the policy does not name. */
const TAKEN_FOR_GET_OBJECT = [
  'GetObjectAnnotation',
  'GetObjectAttributes',
  'GetObjectLegalHold',
  'GetObjectRetention',
  'GetObjectTorrent',
  'ListObjectAnnotations',
];
const TAKEN_FOR_LIST_OBJECTS = [
  'CreateSession',
  'GetBucketAbac',
  'GetBucketAnalyticsConfiguration',
  'GetBucketEncryption',
  'GetBucketIntelligentTieringConfiguration',
  'GetBucketInventoryConfiguration',
  'GetBucketMetadataConfiguration',
  'GetBucketMetadataTableConfiguration',
  'GetBucketMetricsConfiguration',
  'GetBucketOwnershipControls',
  'GetBucketReplication',
  'GetBucketRequestPayment',
  'GetObjectLockConfiguration',
  'GetPublicAccessBlock',
  'ListBucketAnalyticsConfigurations',
  'ListBucketIntelligentTieringConfigurations',
  'ListBucketInventoryConfigurations',
  'ListBucketMetricsConfigurations',
];

/** Operations with host names of their own, which an emulator behind one address does not have. */
const OUT_OF_REACH = ['ListDirectoryBuckets', 'WriteGetObjectResponse'];

describe('what the role may do in S3', () => {
  let moto: Moto;
  let workspace: Workspace;
  let client: S3Client;
  let bucket: string;
  let role: string;
  let tried: Tried[];

  const assumeRole = async (claims: WebIdentityClaims) =>
    (await workspace.aws([
      ...['sts', 'assume-role-with-web-identity', '--role-arn', role, '--role-session-name', 'proxy'],
      ...['--web-identity-token', webIdentityToken(claims)],
    ])) as { Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string } };

  beforeAll(async () => {
    moto = await startMoto('127.0.0.1');
    workspace = await createWorkspace(moto.environment, {
      install: false,
      operator_image: 'example.com/operator:1',
      proxy_image: 'example.com/proxy:1',
      // The provider watches it for a minute.
      bucket_abort_upload_days: null,
    });
    await createStateBucket(workspace);
    await writeClusterState(workspace, CLUSTER_FACTS);
    await mustTerraform(workspace, ['init', '-input=false']);
    await mustTerraform(workspace, ['apply', '-input=false', '-auto-approve', '--var-file=vars.tfvars']);
    const { bucket_name, role_arn }: Record<string, { value: string }> = JSON.parse(
      await mustTerraform(workspace, ['output', '-json']),
    );
    bucket = bucket_name?.value ?? '';

    role = role_arn?.value ?? '';

    const { Credentials } = await assumeRole(PROXY);
    client = new S3Client({
      endpoint: moto.url,
      region: REGION,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: {
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        sessionToken: Credentials.SessionToken,
      },
    });
    await moto.enforcePolicies(true);
    tried = await tryEveryAction(client, bucket, '1.jpg');
  });

  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  it.each<[string, Partial<WebIdentityClaims>]>([
    ['another service account', { sub: 'system:serviceaccount:s3proxy:default' }],
    ['its namesake of another namespace', { sub: 'system:serviceaccount:default:s3proxy' }],
    [
      "the proxy's service account with a token for the Kubernetes API",
      { aud: ['https://kubernetes.default.svc'] },
    ],
  ])('is not for %s', async (_, claims) => {
    await expect(assumeRole({ ...PROXY, ...claims })).rejects.toThrow('AccessDenied');
  });

  it('is what the proxy needs', () => {
    const results = new Map(tried.map(({ operation, result }) => [operation, result]));
    expect(NEEDED.map((operation) => `${operation} ${results.get(operation)}`)).toEqual(
      NEEDED.map((operation) => `${operation} allowed`),
    );
  });

  it('and nothing more', () => {
    const known = [...NEEDED, ...TAKEN_FOR_GET_OBJECT, ...TAKEN_FOR_LIST_OBJECTS, ...OUT_OF_REACH];
    const others = tried.filter(({ operation }) => !known.includes(operation));
    expect(others.length).toBeGreaterThan(75);
    expect(others.filter(({ result }) => result !== 'denied')).toEqual([]);
  });

  it('ends at this bucket', async () => {
    const Bucket = STATE_BUCKET;
    expect([
      await outcome(() => client.send(new GetObjectCommand({ Bucket, Key: STATE_KEY }))),
      await outcome(() => client.send(new ListObjectsV2Command({ Bucket }))),
    ]).toEqual(['denied', 'denied']);
  });

  it('tells a missing key from a forbidden one', async () => {
    expect(
      await outcome(() => client.send(new GetObjectCommand({ Bucket: bucket, Key: 'missing.jpg' }))),
    ).toBe('404 NoSuchKey');
  });

  it('is listed in the documentation as it is', async () => {
    const rows = tried
      .map(({ operation, result }) => {
        if (NEEDED.includes(operation)) return `| ${operation} | **${result}** |`;
        if (TAKEN_FOR_GET_OBJECT.includes(operation))
          return `| ${operation} | taken for GetObject by the emulator |`;
        if (TAKEN_FOR_LIST_OBJECTS.includes(operation))
          return `| ${operation} | taken for ListObjects by the emulator |`;
        if (operation === 'HeadBucket')
          return `| ${operation} | ${result} by the emulator, allowed by AWS, where it needs \`s3:ListBucket\` |`;
        if (OUT_OF_REACH.includes(operation)) return `| ${operation} | not in the emulator's reach |`;
        return `| ${operation} | ${result} |`;
      })
      .sort();
    await expect(
      `${PREFACE}\n\n| S3 operation | result |\n|---|---|\n${rows.join('\n')}\n`,
    ).toMatchFileSnapshot('../../docs/terraform-permissions.md');
  });
});

const PREFACE = `# What the role may do in S3

The policy that Terraform makes has two statements: \`s3:GetObject\` on the bucket's objects, and \`s3:ListBucket\` on the bucket.
The second one makes S3 answer 404 and not 403 for a key that does not exist, and serves the readiness probe and directory listings.

\`make test-terraform\` assumes the role in an emulated AWS (moto, account ${ACCOUNT}, with its policy enforcement on), tries every operation of
the AWS SDK on the bucket and writes this list. Any other result than the one listed fails the test. For some operations the
emulator has no right of their own and asks for that of \`GetObject\` or \`ListObjects\` instead; in AWS each of them has an action of
its own, which the policy does not name.`;
