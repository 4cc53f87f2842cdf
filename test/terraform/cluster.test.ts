import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fillBucket } from '../../hack/demo/sample-bucket.ts';
import { sha256 } from './content-hash.ts';
import { type Docker, startDocker } from './docker.ts';
import { type EksEndpoint, startEksEndpoint } from './eks-endpoint.ts';
import { startIdentityWebhook } from './identity-webhook.ts';
import { type LocalCluster, startLocalCluster } from './local-cluster.ts';
import { type Moto, startMoto } from './moto.ts';
import { type Registry, startRegistry, trustRegistry } from './registry.ts';
import { ACCOUNT, sandbox } from './sandbox.ts';
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

const KEYS = 'store-keys';
const NAMESPACE = 's3proxy';
const READER = 'reader';
/** Settings of an apply with the role for service accounts, which is what the vars file alone stands for. */
const BY_ROLE = ['-var-file=role.tfvars'];
/** Of the vars file. */
const [USER, PASSWORD] = ['s3proxy', 's3proxypass'];

let cluster: LocalCluster;
let moto: Moto;
let registry: Registry;
let docker: Docker;
let identityWebhook: { stop(): Promise<void> };
/** All objects of the cluster before anything was installed. */
let before: string[];
/** What an apply pushed, for the tests that use existing images. */
let images: { operator: string; proxy: string };

beforeAll(async () => {
  await trustRegistry();
  cluster = await startLocalCluster();
  const { hostAddress } = cluster.cluster;
  [moto, registry] = await Promise.all([
    startMoto(hostAddress),
    startRegistry(toolPaths().registry, { address: hostAddress }),
  ]);
  docker = await startDocker();
  identityWebhook = await startIdentityWebhook(cluster, moto.url);
  before = await cluster.objects();
});

afterAll(async () => {
  await cluster?.stop();
  await Promise.all([identityWebhook?.stop(), moto?.stop(), registry?.stop(), docker?.stop()]);
});

const deploymentSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.tuple([z.looseObject({ image: z.string() })]) }) }),
  }),
});

/** What curl gets: status and, of a 200, the hash of the body. */
async function answerOf(url: string, user?: string, method = 'GET'): Promise<string> {
  const { status, file } = await cluster.curl(url, {
    namespace: NAMESPACE,
    method,
    ...(user !== undefined && { user }),
  });
  return status === '200' ? `200 ${await sha256(file)}` : status;
}

/** Asserts that the picture is there for those who know the password, and for nobody else. */
async function expectPicture(url: string, user: string): Promise<void> {
  const samples = join(import.meta.dirname, '../../hack/samples');
  const picture = await sha256(join(samples, '1.jpg'));
  // The ingress controller is told of the pods no sooner than Terraform is.
  await expect.poll(() => answerOf(url), { timeout: 120_000, interval: 200 }).toBe('401');
  expect(await answerOf(url, 's3proxy:wrong-password')).toBe('401');
  expect(await answerOf(url, user)).toBe(`200 ${picture}`);
  expect(await answerOf(url.replace('1.jpg', '2.jpg'), user)).toBe(
    `200 ${await sha256(join(samples, '2.jpg'))}`,
  );
  expect(await answerOf(url.replace('1.jpg', 'missing.jpg'), user)).toBe('404');
}

/** One apply on a real cluster, with both real providers; then the same values by the helm command. */
describe('from an empty account to the picture', () => {
  let eks: EksEndpoint;
  let workspace: Workspace;
  let outputs: {
    app_url_example: string;
    username_command: string;
    password_command: string;
    ready_command: string;
    bucket_name: string;
    policy_arn: string;
    role_arn: string | null;
    images: typeof images;
    release_values: Record<'namespace' | 'operator' | 'basic_auth' | 's3proxy', string>;
  };
  /** Keys of a user who has the policy and nothing else. */
  let keys: { AccessKeyId: string; SecretAccessKey: string };

  const apply = (...args: string[]) =>
    mustTerraform(workspace, ['apply', '-input=false', '-auto-approve', '--var-file=vars.tfvars', ...args]);
  const createKeys = () =>
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: KEYS, namespace: NAMESPACE },
      stringData: { AWS_ACCESS_KEY_ID: keys.AccessKeyId, AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey },
    });

  beforeAll(async () => {
    eks = await startEksEndpoint(cluster.cluster.kubeconfig, moto.url, 'deployer');
    workspace = await createWorkspace(
      { ...moto.environment, ...docker.environment },
      {
        ...docker.variables,
        // The provider watches it for a minute.
        bucket_abort_upload_days: null,
        // No service of this cluster vouches for its pods in AWS: static keys, and moto's address.
        identity: 'secret',
        credentials_secret_name: KEYS,
        s3_endpoint: moto.url,
        // With more of them, one knows a changed password before the other does.
        replicas: 1,
      },
    );
    await createStateBucket(workspace);
    await writeClusterState(workspace, {
      ...CLUSTER_FACTS,
      cluster_endpoint: eks.url,
      cluster_certificate_authority_data: Buffer.from(eks.ca).toString('base64'),
    });
    await mustTerraform(workspace, ['init', '-input=false']);
  });

  afterAll(async () => {
    await eks?.stop();
  });

  it('applies, let into the cluster by a token of the AWS CLI', async () => {
    await apply();
    outputs = await readOutputs(workspace);
    images = outputs.images;
    expect(outputs.app_url_example).toBe('https://s3proxy.dummy.local/1.jpg');
    expect(eks.callers()).toEqual([expect.stringMatching(`^arn:aws:sts::${ACCOUNT}:assumed-role/deployer/`)]);
  });

  it('keeps the password out of its state', async () => {
    const state = await mustTerraform(workspace, ['state', 'pull']);
    expect(state).toContain('s3proxy-basic-auth');
    for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64')]) {
      expect(state).not.toContain(secret);
    }
  });

  it('is ready as soon as the keys of a user with the policy are there', async () => {
    await workspace.aws(['iam', 'create-user', '--user-name', READER]);
    await workspace.aws([
      'iam',
      'attach-user-policy',
      '--user-name',
      READER,
      '--policy-arn',
      outputs.policy_arn,
    ]);
    const created = (await workspace.aws(['iam', 'create-access-key', '--user-name', READER])) as {
      AccessKey: typeof keys;
    };
    keys = created.AccessKey;
    await moto.enforcePolicies(true);
    await createKeys();
    await cluster.shell(outputs.ready_command);
  });

  it('gives the picture to those who know the password', async () => {
    await expectPicture(outputs.app_url_example, `${USER}:${PASSWORD}`);
  });

  it('runs the images that it pushed, on the port, with the variable and the endpoint that the README names', async () => {
    const { items } = z
      .object({ items: z.array(deploymentSchema) })
      .parse(
        JSON.parse(await cluster.kubectl('get', 'deployments', '--namespace', NAMESPACE, '--output', 'json')),
      );
    const containers = new Map(
      items.map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0]]),
    );
    expect(containers.get('s3proxy-operator')?.image).toBe(images.operator);
    expect(containers.get('s3proxy')).toMatchObject({
      image: images.proxy,
      ports: expect.arrayContaining([expect.objectContaining({ containerPort: 5000 })]),
      env: expect.arrayContaining([{ name: 'S3_BUCKET', value: outputs.bucket_name }]),
      livenessProbe: { httpGet: { path: '/health', port: 'http' } },
    });
  });

  it('answers GET alone', async () => {
    expect(await answerOf(outputs.app_url_example, `${USER}:${PASSWORD}`, 'POST')).toBe('405');
    expect(await answerOf(outputs.app_url_example, `${USER}:${PASSWORD}`, 'DELETE')).toBe('405');
  });

  it('tells user name and password by its outputs', async () => {
    expect(await cluster.shell(outputs.username_command)).toBe(USER);
    expect(await cluster.shell(outputs.password_command)).toBe(PASSWORD);
  });

  it('finds nothing to change the second time', async () => {
    await moto.enforcePolicies(false);
    expect(await plannedChanges(workspace)).toEqual([]);
  });

  it('changes the password, and nothing else', async () => {
    const password = 'another, {longer} password';
    await writeFile(join(workspace.root, 'password.tfvars'), `http_auth_pass = "${password}"\n`);
    const changed = ['-var-file=password.tfvars'];
    expect(await plannedChanges(workspace, changed)).toEqual([
      'module.release[0].helm_release.basic_auth[0]: update',
      'module.release[0].terraform_data.password_revision[0]: delete, create',
    ]);
    await apply(...changed);
    expect(await cluster.shell(outputs.password_command)).toBe(password);
    // The kubelet brings a changed Secret into a pod within a minute or so.
    await expect
      .poll(() => answerOf(outputs.app_url_example, `${USER}:${password}`), {
        timeout: 300_000,
        interval: 500,
      })
      .toMatch(/^200 /);
    expect(await answerOf(outputs.app_url_example, `${USER}:${PASSWORD}`)).toBe('401');
  });

  it('takes the release away, the S3Proxy before the operator', async () => {
    await apply('-var=install=false');
    expect(await cluster.objectsBecome(before)).toEqual(before);
    const deleted = (await readFile(cluster.cluster.auditLog, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"verb":"delete"'))
      .map((line) => (JSON.parse(line) as { objectRef: { resource: string; name: string } }).objectRef)
      .map(({ resource, name }) => `${resource}/${name}`);
    const order = ['s3proxies/s3proxy', 'deployments/s3proxy-operator', `namespaces/${NAMESPACE}`];
    expect(deleted.filter((each) => order.includes(each))).toEqual(order);
  });

  it('is the same by the helm command with the values that it shows', async () => {
    const charts = join(workspace.root, 'modules/release/charts');
    const scratch = await mkdtemp(join(sandbox().directory, 'values-'));
    const releases = [
      {
        values: 'namespace',
        name: 's3proxy-namespace',
        chart: join(charts, 'namespace'),
        namespace: 'default',
      },
      { values: 'operator', name: 's3proxy-operator', chart: join(workspace.directory, 'chart') },
      { values: 'basic_auth', name: 's3proxy-basic-auth', chart: join(charts, 'basic-auth') },
      { values: 's3proxy', name: 's3proxy', chart: join(charts, 's3proxy') },
    ] as const;
    const withNamespace = releases.map((release) => ({ namespace: NAMESPACE, ...release }));
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const settings = {
      basic_auth: ['--set-string', `usernameBase64=${base64(USER)},passwordBase64=${base64(PASSWORD)}`],
    };
    for (const { values, name, chart, namespace } of withNamespace) {
      const file = join(scratch, `${values}.yaml`);
      await writeFile(file, outputs.release_values[values]);
      const more = values === 'basic_auth' ? settings.basic_auth : [];
      await cluster.helm(
        ...['install', name, chart, '--namespace', namespace, '--values', file, ...more],
        ...['--wait', '--timeout', '180s'],
      );
    }
    await createKeys();
    await cluster.shell(outputs.ready_command);
    await expectPicture(outputs.app_url_example, `${USER}:${PASSWORD}`);
    for (const { name, namespace } of withNamespace.reverse()) {
      // The chart keeps its resource type unless the values say otherwise, as these do.
      await cluster.helm('uninstall', name, '--namespace', namespace, '--wait', '--timeout', '180s');
    }
    expect(await cluster.objectsBecome(before)).toEqual(before);
  });

  it('gives the picture by pods that have the role and no keys, as on EKS', async () => {
    await writeFile(
      join(workspace.root, 'role.tfvars'),
      'identity = "irsa"\ncredentials_secret_name = null\n',
    );
    await apply(...BY_ROLE);
    outputs = await readOutputs(workspace);
    expect(outputs.role_arn).toContain(`arn:aws:iam::${ACCOUNT}:role/`);
    await moto.enforcePolicies(true);
    await cluster.shell(outputs.ready_command);
    await expectPicture(outputs.app_url_example, `${USER}:${PASSWORD}`);
    await moto.enforcePolicies(false);
    expect(await plannedChanges(workspace, BY_ROLE)).toEqual([]);
  });

  it('leaves nothing behind after destroy', async () => {
    await workspace.aws([
      ...['iam', 'detach-user-policy', '--user-name', READER, '--policy-arn', outputs.policy_arn],
    ]);
    await mustTerraform(workspace, [
      ...['destroy', '-input=false', '-auto-approve', '--var-file=vars.tfvars', ...BY_ROLE],
    ]);
    expect(await cluster.objectsBecome(before)).toEqual(before);
    const { Buckets } = (await workspace.aws(['s3api', 'list-buckets'])) as { Buckets: { Name: string }[] };
    expect(Buckets.map(({ Name }) => Name)).toEqual([STATE_BUCKET]);
    expect(await workspace.aws(['iam', 'list-roles'])).toMatchObject({ Roles: [] });
    expect(await workspace.aws(['iam', 'list-policies', '--scope', 'Local'])).toMatchObject({ Policies: [] });
    expect(await workspace.aws(['ecr', 'describe-repositories'])).toMatchObject({ repositories: [] });
    expect(await mustTerraform(workspace, ['state', 'list'])).toBe('');
  });
});

/** docs/terraform-any-cluster.md, step by step. */
describe('without AWS, on any cluster with an S3-compatible store', () => {
  let workspace: Workspace;
  let directory: string;
  let outputs: Record<'app_url_example' | 'username_command' | 'password_command' | 'ready_command', string>;

  beforeAll(async () => {
    workspace = await createWorkspace({});
    directory = join(workspace.root, 'examples/any-cluster');
  });

  it('applies, and generates a password', async () => {
    const { s3, kubeconfig } = cluster.cluster;
    const bucket = await fillBucket(s3);
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    await cluster.kubectl(
      ...['--namespace', NAMESPACE, 'create', 'secret', 'generic', KEYS],
      `--from-literal=AWS_ACCESS_KEY_ID=${s3.accessKeyId}`,
      `--from-literal=AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey}`,
    );
    await writeFile(
      join(directory, 'terraform.tfvars.json'),
      JSON.stringify({
        kubeconfig_path: kubeconfig,
        bucket,
        endpoint: s3.endpoint,
        credentials_secret_name: KEYS,
        host: 's3proxy.dummy.local',
        ingress_class_name: 'traefik',
        operator_image: images.operator,
        proxy_image: images.proxy,
      }),
    );
    await mustTerraform(workspace, ['init', '-input=false'], { directory });
    await mustTerraform(workspace, ['apply', '-input=false', '-auto-approve'], { directory });
    outputs = await readOutputs(workspace, directory);
    await cluster.shell(outputs.ready_command);
  });

  it('gives the picture to those who read the password from the cluster', async () => {
    const user = await cluster.shell(outputs.username_command);
    const password = await cluster.shell(outputs.password_command);
    expect(password).toMatch(/^\S{16,}$/);
    await expectPicture(outputs.app_url_example, `${user}:${password}`);
  });

  it('takes away what it made, and no more', async () => {
    await mustTerraform(workspace, ['destroy', '-input=false', '-auto-approve'], { directory });
    await cluster.kubectl('--namespace', NAMESPACE, 'get', 'secret', KEYS);
    await cluster.kubectl('delete', 'namespace', NAMESPACE);
    expect(await cluster.objectsBecome(before)).toEqual(before);
  });
});
