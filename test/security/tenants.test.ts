import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { type ControlPlane, startControlPlane } from '../../hack/cluster/control-plane.ts';
import { untilEstablished } from '../../hack/cluster/established.ts';
import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import { specLeaves } from '../../operator/src/api/testing/leaves.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { isApiError } from '../../operator/src/kube/errors.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import type { AnyObject, KubeObject } from '../../operator/src/kube/objects.ts';
import {
  apiVersionOf,
  DEPLOYMENT,
  INGRESS,
  NAMESPACE,
  type ResourceKind,
  ROLE,
  ROLE_BINDING,
  SECRET,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';
import { type Secret, secretData, secretText } from '../../operator/src/resources/secret.ts';
import { at } from '../apiserver/json-path.ts';
import { type OperatorProcess, startOperatorProcess } from '../apiserver/operator-process.ts';
import { auditEntries } from '../audit-log.ts';
import { render } from '../chart/helm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { eventually } from '../eventually.ts';

// What somebody who may create S3Proxies in one namespace, and nothing else, cannot get by them.

const TENANT = 'tenant';
const ACCOUNT = 'powerful';

let directory = '';
let controlPlane: ControlPlane;
let client: KubeClient;
/** The tenant's. */
let tenants: KubeClient;
let operator: OperatorProcess;
let namespace = '';
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-tenants-'));
  controlPlane = await startControlPlane({ directory });
  client = await clientAs();
  tenants = await clientAs(TENANT);
  const { run } = kubectl(await binary('kubectl'), controlPlane.kubeconfig);
  // What the chart brings for people: the definition, the roles, and the policy for ServiceAccounts.
  const manifests = (await render()).filter(
    ({ kind, metadata }) =>
      kind === 'CustomResourceDefinition' ||
      kind.startsWith('ValidatingAdmissionPolicy') ||
      (kind === 'ClusterRole' && /-(edit|view)$/.test(metadata.name)),
  );
  const file = join(directory, 'chart.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
  await run('apply', '--server-side', '-f', file);
  await untilEstablished(run, 's3proxies.s3proxy.dev');
  operator = await startOperatorProcess({
    kubeconfig: controlPlane.kubeconfig,
    logs: directory,
    env: { PROXY_IMAGE: 'example.invalid/proxy:1', LEADER_ELECTION: 'false', PROBE_SECONDS: '0' },
  });
  await createNamespace('others');
  await create(SECRET, 'others', 'keys', {
    data: secretData({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'theirs' }),
  });
  await create(SECRET, 'others', 'readers', {
    type: 'kubernetes.io/basic-auth',
    data: secretData({ username: 'ann', password: 'theirs' }),
  });
  await tenant();
  await eventually('the policy to hold', 30_000, () => isRefused({ dryRun: true }));
});

afterAll(async () => {
  await operator?.stop();
  await Promise.all([client?.close(), tenants?.close()]);
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A client of the administrator's, or of a user whom the administrator speaks for. */
async function clientAs(user?: string): Promise<KubeClient> {
  const source = await kubeconfigCredentials({ path: controlPlane.kubeconfig });
  const connection = createConnection({
    server: source.server,
    async load(renew) {
      const credentials = await source.load(renew);
      const headers = { ...credentials.headers, ...(user !== undefined && { 'impersonate-user': user }) };
      return { ...credentials, headers };
    },
  });
  return createRestClient({ connection, userAgent: 'tenants-test' });
}

async function createNamespace(name: string): Promise<void> {
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: NAMESPACE.kind, metadata: { name } });
}

function create(
  kind: ResourceKind,
  inNamespace: string,
  name: string,
  content: object = {},
): Promise<AnyObject> {
  const metadata = { name, namespace: inNamespace };
  return client.create(kind, {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata,
    ...content,
  } as KubeObject);
}

/** Gives the tenant a role in the namespace. */
async function bind(kind: 'ClusterRole' | 'Role', name: string): Promise<void> {
  const apiGroup = ROLE_BINDING.group;
  await create(ROLE_BINDING, namespace, name.replaceAll(':', '-'), {
    roleRef: { apiGroup, kind, name },
    subjects: [{ apiGroup, kind: 'User', name: TENANT }],
  });
}

/** A new namespace, in which the tenant may do with S3Proxies what the chart's roles say, and nothing else. */
async function tenant(): Promise<void> {
  namespace = `tenant-${++count}`;
  await createNamespace(namespace);
  await bind('ClusterRole', 'operators:s3proxy-operator-edit');
  await bind('ClusterRole', 'operators:s3proxy-operator-view');
  // The authorizer hears of bindings a moment later, in their order.
  const mayList = () => tenants.list(S3PROXY, { namespace }).then(() => true);
  await eventually('the bindings to hold', 10_000, mayList);
}

function s3proxy(spec: object, name: string): KubeObject {
  const smallest = { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' } };
  const metadata = { name, namespace };
  return { apiVersion: API_VERSION, kind: KIND, metadata, spec: { ...smallest, ...spec } } as KubeObject;
}

/** `kubectl apply` of an S3Proxy by the tenant, or by somebody else. */
function apply(spec: object, { name = 'photos', by = tenants, dryRun = false } = {}): Promise<S3Proxy> {
  return by.apply<S3Proxy>(S3PROXY, s3proxy(spec, name), { fieldManager: 'user', dryRun });
}

/** The message of Stalled for the spec as it is now. */
async function stalledBy(reason: string, name = 'photos'): Promise<string> {
  let message = '';
  await expect
    .poll(
      async () => {
        const { status, metadata } = await client.get<S3Proxy>(S3PROXY, { namespace, name });
        const found = status?.conditions?.find(({ type }) => type === 'Stalled');
        message = found?.message ?? '';
        return found?.observedGeneration === metadata.generation ? found?.reason : undefined;
      },
      { timeout: 20_000 },
    )
    .toBe(reason);
  return message;
}

async function deployment(name = 'photos'): Promise<AnyObject> {
  let found: AnyObject | undefined;
  const look = async () => {
    found = await client.find(DEPLOYMENT, { namespace, name });
    return found !== undefined;
  };
  await expect.poll(look, { timeout: 20_000 }).toBe(true);
  return found as AnyObject;
}

const accountOf = (object: AnyObject): unknown => at(object, 'spec.template.spec.serviceAccountName');

describe('a Secret of another namespace', () => {
  /** Every leaf that names an object. */
  const references = specLeaves().filter(
    ({ path }) =>
      /(Ref|Secrets\[0\]|parentRefs\[0\])\.name$/.test(path) ||
      /\.(secretName|serviceAccountName|className|priorityClassName)$/.test(path),
  );

  test('has no place in the schema: no reference to anything but a Gateway has a namespace', () => {
    expect(references.map(({ path }) => path)).toEqual([
      'spec.credentials.secretRef.name',
      'spec.credentials.serviceAccountName',
      'spec.ingress.className',
      'spec.ingress.tls.secretName',
      'spec.ingress.tls.certManager.issuerRef.name',
      'spec.gateway.parentRefs[0].name',
      'spec.auth.basic.secretRef.name',
      'spec.imagePullSecrets[0].name',
      'spec.podTemplate.priorityClassName',
    ]);
    const namespaces = specLeaves().filter(({ path }) => path.endsWith('.namespace'));
    expect(namespaces.map(({ path }) => path)).toEqual(['spec.gateway.parentRefs[0].namespace']);
    for (const { path, node } of references)
      expect('others/keys', path).not.toMatch(new RegExp(String(node.pattern)));
  });

  test.each([
    ['credentials', { credentials: { secretRef: { name: 'keys' } } }],
    ['the password', { auth: { basic: { secretRef: { name: 'readers' } } } }],
  ])('is not found under its name by %s, and not read', async (_, spec) => {
    await tenant();
    await apply(spec);
    expect(await stalledBy('SecretNotFound')).toContain('does not exist in this namespace');
    const log = await auditEntries(controlPlane.auditLog, 'admin');
    const reads = log.filter(
      ({ userAgent, objectRef }) =>
        userAgent?.startsWith('s3proxy-operator/') === true && objectRef?.resource === 'secrets',
    );
    expect(reads).not.toEqual([]);
    expect(reads.filter(({ objectRef }) => objectRef?.namespace === 'others')).toEqual([]);
  });

  test('is not named by an annotation of the Ingress', async () => {
    await tenant();
    const annotations = { 'nginx.ingress.kubernetes.io/auth-tls-secret': 'others/keys' };
    await apply({ ingress: { host: 'photos.example.com', annotations } });
    expect(await stalledBy('InvalidSpec')).toContain('nginx.ingress.kubernetes.io/auth-tls-secret');
    expect(await client.find(INGRESS, { namespace, name: 'photos' })).toBeUndefined();
  });
});

const named = { credentials: { serviceAccountName: ACCOUNT } };

/** Has the tenant name the account; whether the policy refused it. Any other refusal fails. */
async function isRefused(options: { dryRun?: boolean } = {}): Promise<boolean> {
  const answer = await apply(named, options).catch((reason) => reason);
  if (!(answer instanceof Error)) return false;
  expect(isApiError(answer, 'Forbidden'), answer.message).toBe(true);
  expect(answer.message).toMatch(
    /ValidatingAdmissionPolicy.*may not act as ServiceAccount powerful of namespace tenant-\d+/,
  );
  return true;
}

describe('a ServiceAccount', () => {
  test('that the tenant may not act as is not named, be it there or not', async () => {
    await tenant();
    expect(await isRefused()).toBe(true);
    await create(SERVICE_ACCOUNT, namespace, ACCOUNT);
    expect(await isRefused()).toBe(true);
    await apply({});
    expect(await isRefused()).toBe(true);
    expect(accountOf(await deployment())).toBe('photos');
  });

  test('that somebody else named stays with what it was named for', async () => {
    await tenant();
    await apply(named, { by: client });
    const patch = (change: object) =>
      tenants.patch(S3PROXY, { namespace, name: 'photos' }, change).catch((reason) => reason);
    const turned = await patch({ spec: { bucket: { name: 'another' }, image: 'example.com/reader:1' } });
    expect(isApiError(turned, 'Forbidden')).toBe(true);
    const annotated = await patch({ metadata: { annotations: { 'example.com/note': 'mine' } } });
    expect(annotated).toMatchObject({ spec: { bucket: { name: 'my-bucket' } } });
    const released = await patch({ spec: { credentials: { serviceAccountName: null } } });
    expect(released).toMatchObject({ spec: { bucket: { name: 'my-bucket' } } });
  });

  test.each([
    [
      'may use it',
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['use'], resourceNames: [ACCOUNT] },
    ],
    ['may create pods', { apiGroups: [''], resources: ['pods'], verbs: ['create'] }],
    ['may create Deployments', { apiGroups: ['apps'], resources: ['deployments'], verbs: ['create'] }],
  ])('is named by a tenant who %s', async (_, rule) => {
    await tenant();
    await create(ROLE, namespace, 'more', { rules: [rule] });
    await bind('Role', 'more');
    await eventually('the role to hold', 10_000, async () => !(await isRefused()));
    const object = await deployment();
    expect(accountOf(object)).toBe(ACCOUNT);
    // Its token for the Kubernetes API is not part of what is given.
    expect(at(object, 'spec.template.spec.automountServiceAccountToken')).toBe(false);
  });

  test.each([
    [
      'use of another',
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['use'], resourceNames: ['other'] },
    ],
    [
      'every other right to it',
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'create', 'patch'] },
    ],
  ])('is not named for %s', async (_, rule) => {
    await tenant();
    await create(ROLE, namespace, 'more', {
      rules: [rule, { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    });
    await bind('Role', 'more');
    const mayList = () => tenants.getPath(`/api/v1/namespaces/${namespace}/configmaps`).then(() => true);
    await eventually('the role to hold', 10_000, mayList);
    expect(await isRefused()).toBe(true);
  });

  test('is not taken by an S3Proxy of its name', async () => {
    await tenant();
    await create(SERVICE_ACCOUNT, namespace, ACCOUNT);
    await apply({}, { name: ACCOUNT });
    expect(await stalledBy('NameConflict', ACCOUNT)).toContain(`ServiceAccount ${ACCOUNT}`);
    expect(await client.find(DEPLOYMENT, { namespace, name: ACCOUNT })).toBeUndefined();
  });

  test('"default" runs no proxy, with static keys neither', async () => {
    await tenant();
    await create(SECRET, namespace, 'keys', {
      data: secretData({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'mine' }),
    });
    await apply({ credentials: { secretRef: { name: 'keys' } } });
    expect(accountOf(await deployment())).toBe('photos');
  });
});

describe('nothing is smuggled', () => {
  /** The environment of the proxy as the kubelet makes it of the pod: Kubernetes, "Define dependent environment variables". */
  function environmentOf(object: AnyObject, secret: string): Record<string, string> {
    const variables = at(object, 'spec.template.spec.containers.0.env') as { name: string; value?: string }[];
    const environment: Record<string, string> = {};
    const expand = (text: string): string =>
      text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (whole, name?: string) =>
        whole === '$$' ? '$' : name === undefined ? whole : (environment[name] ?? whole),
      );
    // Secrets first: what a value could refer to at worst.
    for (const { name, value } of variables) if (value === undefined) environment[name] = secret;
    for (const { name, value } of variables) if (value !== undefined) environment[name] = expand(value);
    return environment;
  }

  test.each([
    '$(AWS_SECRET_ACCESS_KEY)/',
    '$$(AWS_SECRET_ACCESS_KEY)/',
    '$$$(AWS_SECRET_ACCESS_KEY)$/',
    '"}, {"name": "x/',
    "'; --#{{ .Values }}/",
    '\\u0000\\n%0a/',
    'x: [y, {z: "&a *b !!c |"}] # - d/',
  ])('into the environment: the prefix %s is just that', async (prefix) => {
    await tenant();
    await create(SECRET, namespace, 'keys', {
      data: secretData({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'mine' }),
    });
    await apply({ bucket: { name: 'my-bucket', prefix }, credentials: { secretRef: { name: 'keys' } } });
    expect(environmentOf(await deployment(), 'mine')).toMatchObject({
      S3_PREFIX: prefix,
      AWS_SECRET_ACCESS_KEY: 'mine',
    });
  });

  test('into YAML or a template: an annotation that looks like either is just that', async () => {
    await tenant();
    const annotations = { 'example.com/a': `x: {y: ["z"]} # '- !!a {{ .Values }} $(S3_BUCKET) %s` };
    await apply({ ingress: { host: 'photos.example.com', annotations } });
    const { value } = await eventually('the Ingress', 20_000, () =>
      client.find(INGRESS, { namespace, name: 'photos' }),
    );
    expect(value.metadata.annotations).toMatchObject(annotations);
  });

  test('into a JSON text: what presents objects comes out as it went in', async () => {
    await tenant();
    const headers = [{ name: 'X-A', value: '"},"cors":{"allowOrigins":["*"]},"x":{"$(S3_BUCKET)"' }];
    await apply({ content: { headers, download: ['$(AWS_REGION)"/**'] } });
    const { CONTENT_CONFIG } = environmentOf(await deployment(), '');
    expect(JSON.parse(CONTENT_CONFIG ?? '')).toMatchObject({ headers, download: ['$(AWS_REGION)"/**'] });
  });

  test.each([
    ['username', { username: 'ann\nbob:$2y$10$x', password: 'p' }],
    ['username', { username: 'ann:x', password: 'p' }],
    ['password', { username: 'ann', password: 'p\nbob:$apr1$x$y' }],
  ])('into an htpasswd file: a %s with more than one line', async (key, values) => {
    await tenant();
    await create(SECRET, namespace, 'readers', { data: secretData(values) });
    await apply({ auth: { basic: { secretRef: { name: 'readers' } } } });
    expect(await stalledBy('SecretInvalid')).toContain(key);
    expect(await client.find(SECRET, { namespace, name: 'photos-htpasswd' })).toBeUndefined();
  });

  test('into an htpasswd file: a generated user name of odd characters is one user', async () => {
    await tenant();
    await apply({ auth: { basic: { username: `a"'$(X)\\;{}` } } });
    await deployment();
    const secret = await client.get<Secret>(SECRET, { namespace, name: 'photos-htpasswd' });
    const lines = (secretText(secret, 'htpasswd') ?? '').trimEnd().split('\n');
    expect(lines).toEqual([expect.stringMatching(/^a"'\$\(X\)\\;\{\}:\$2[aby]\$04\$[./A-Za-z0-9]{53}$/)]);
  });

  test.each<[string, string, object]>([
    [
      'a header',
      'spec.content.headers[0].value',
      { content: { headers: [{ name: 'X-A', value: 'a\r\nSet-Cookie: b' }] } },
    ],
    [
      'a header',
      'spec.content.headers[0].name',
      { content: { headers: [{ name: 'X-A: b\r\nX', value: 'c' }] } },
    ],
    [
      'Cache-Control',
      'spec.content.cacheControl[0].value',
      { content: { cacheControl: [{ match: '**', value: 'a\nb: c' }] } },
    ],
    [
      'CORS',
      'spec.content.cors.allowOrigins[0]',
      { content: { cors: { allowOrigins: ['https://a\r\nX: b'] } } },
    ],
    ['the challenge', 'spec.auth.basic.realm', { auth: { basic: { realm: 'a", charset="b' } } }],
    ['the challenge', 'spec.auth.basic.realm', { auth: { basic: { realm: 'a\r\nX: b' } } }],
    [
      'an annotation',
      'spec.ingress.annotations',
      { ingress: { host: 'a.example.com', annotations: { 'x/y': 'a;\n}\nserver {' } } },
    ],
    [
      'an annotation',
      'spec.ingress.annotations',
      {
        ingress: {
          host: 'a.example.com',
          annotations: { 'nginx.ingress.kubernetes.io/server-snippet': 'x' },
        },
      },
    ],
    [
      'an annotation',
      'spec.ingress.annotations',
      { ingress: { host: 'a.example.com', annotations: { 'nginx.org/location-snippets': 'x' } } },
    ],
    [
      'an annotation',
      'spec.ingress.annotations',
      {
        ingress: { host: 'a.example.com', annotations: { 'haproxy-ingress.github.io/config-backend': 'x' } },
      },
    ],
    [
      "the operator's own annotations",
      'spec.ingress.annotations',
      { ingress: { host: 'a.example.com', annotations: { 's3proxy.dev/password-since': '' } } },
    ],
    [
      "the pods' selector",
      'spec.podTemplate.labels',
      { podTemplate: { labels: { 'app.kubernetes.io/instance': 'other' } } },
    ],
    ['a rule for paths', 'spec.ingress.path', { ingress: { host: 'a.example.com', path: '/a"; }' } }],
    ['the host', 'spec.ingress.host', { ingress: { host: 'a.example.com\nb' } }],
    ['the image', 'spec.image', { image: 'a b' }],
    [
      'the endpoint',
      'spec.bucket.endpoint',
      { bucket: { name: 'my-bucket', endpoint: 'https://s3.example.com/\r\nHost: b' } },
    ],
  ])('into %s: %s is refused', async (_, field, spec) => {
    const error = await apply(spec, { name: 'refused' }).catch((reason) => reason);
    expect(isApiError(error, 'Invalid')).toBe(true);
    expect(error.message).toContain(field);
  });
});
