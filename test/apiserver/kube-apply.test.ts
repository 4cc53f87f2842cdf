import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyIfChanged, differs } from '../../operator/src/kube/apply.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { isApiError } from '../../operator/src/kube/errors.ts';
import type { AnyObject, KubeObject } from '../../operator/src/kube/objects.ts';
import { CONFIG_MAP, DEPLOYMENT, INGRESS, SECRET, SERVICE } from '../../operator/src/kube/resource-kind.ts';
import { trim } from '../../operator/src/kube/trim.ts';
import { at, withAt } from './json-path.ts';
import { type Fixture, startFixture } from './kube-fixture.ts';

let fixture: Fixture;
let client: KubeClient;
beforeAll(async () => {
  fixture = await startFixture();
  client = fixture.client();
});
afterAll(() => fixture?.stop());

const writer = { fieldManager: 'op', hashAnnotation: 'example.com/applied' };
let count = 0;
const fresh = () => `object-${++count}`;

/** With everything that makes comparing contents hard: defaults, quantities, empty values, keyed, set and atomic lists. */
function deployment(name: string) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'x' },
      annotations: {},
      finalizers: ['example.com/f'],
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'x' } },
      template: {
        metadata: { labels: { app: 'x' }, annotations: { a: 'b' } },
        spec: {
          automountServiceAccountToken: false,
          hostNetwork: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          nodeSelector: {},
          tolerations: [{ key: 'k', operator: 'Exists' }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'zone',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'x' } },
            },
          ],
          containers: [
            {
              name: 'main',
              image: 'example.com/image:1',
              args: ['--a'],
              env: [
                { name: 'EMPTY', value: '' },
                { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
              ],
              ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }],
              resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: {} },
              securityContext: { capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              readinessProbe: { httpGet: { path: '/ready', port: 9090 } },
            },
          ],
          volumes: [
            { name: 'tmp', emptyDir: {} },
            { name: 'p', projected: { sources: [{ configMap: { name: 'c' } }] } },
          ],
        },
      },
    },
  };
}

async function create<T extends { metadata: { name: string } }>(
  manifest: T & KubeObject,
): Promise<AnyObject> {
  const { outcome, object } = await applyIfChanged<AnyObject>(
    client,
    DEPLOYMENT,
    undefined,
    manifest,
    writer,
  );
  expect(outcome).toBe('created');
  return object;
}

/** Paths of all scalars in a manifest. */
function* leavesOf(
  value: unknown,
  path: string,
): Generator<[path: string, value: string | number | boolean]> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    yield [path, value];
  else for (const [name, member] of Object.entries(value ?? {})) yield* leavesOf(member, `${path}.${name}`);
}

function namesAt(object: unknown, path: string): string[] {
  return (at(object, path) as { name: string }[]).map(({ name }) => name);
}

const reread = (object: KubeObject) => client.get(DEPLOYMENT, object.metadata as { name: string });

describe('apply', () => {
  it('finds its own work unchanged, trimmed or not, by cache or by metadata alone', async () => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    expect(differs(manifest, live, writer)).toBe(false);
    const again = await applyIfChanged(client, DEPLOYMENT, live, manifest, writer);
    expect(again).toEqual({ outcome: 'unchanged', object: live });
    const metadata = await client.get(DEPLOYMENT, manifest.metadata, { metadataOnly: true });
    expect(metadata).not.toHaveProperty('spec');
    expect(differs(manifest, metadata, writer)).toBe(false);
    expect(
      differs(manifest, trim<KubeObject>({ fieldManager: 'op', keep: () => ({}) })(metadata), writer),
    ).toBe(false);
  });

  it.each<[string, KubeObject]>([
    [
      'a Service',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: fresh(), namespace: 'default' },
        spec: {
          selector: { a: 'b' },
          ports: [
            { name: 'http', port: 80, targetPort: 'http' },
            { name: 'dns', port: 53, protocol: 'UDP' },
          ],
        },
      } as KubeObject,
    ],
    [
      'an Ingress',
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: fresh(), namespace: 'default' },
        spec: {
          tls: [{ hosts: ['a.b'], secretName: 's' }],
          rules: [
            {
              host: 'a.b',
              http: {
                paths: [
                  {
                    path: '/',
                    pathType: 'Prefix',
                    backend: { service: { name: 's', port: { name: 'http' } } },
                  },
                ],
              },
            },
          ],
        },
      } as KubeObject,
    ],
    [
      'a Secret',
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/basic-auth',
        metadata: {
          name: fresh(),
          namespace: 'default',
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name: 'o',
              uid: 'a-b',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        data: { username: 'YQ==', password: 'Yg==' },
      } as KubeObject,
    ],
  ])('recognises %s', async (_what, manifest) => {
    const kind = { Service: SERVICE, Ingress: INGRESS, Secret: SECRET }[manifest.kind] ?? SECRET;
    const { object } = await applyIfChanged<KubeObject>(client, kind, undefined, manifest, {
      ...writer,
      metadataOnly: true,
    });
    expect(differs(manifest, object, writer)).toBe(false);
  });

  const pod = 'spec.template.spec';
  const main = `${pod}.containers.0`;

  it.each<[what: string, path: string, value: unknown]>([
    ['a scalar', 'spec.replicas', 3],
    ['a label', 'metadata.labels.app', undefined],
    ['the hash itself', 'metadata.annotations', { 'example.com/applied': 'x' }],
    ['a finalizer', 'metadata.finalizers', []],
    ['an annotation of the template', 'spec.template.metadata.annotations.a', 'c'],
    ['a false value', `${pod}.automountServiceAccountToken`, true],
    ['a false value that is not stored', `${pod}.hostNetwork`, true],
    ['an empty map', `${pod}.nodeSelector`, { a: 'b' }],
    ['an atomic list', `${pod}.tolerations`, []],
    ['an element of an atomic list', `${pod}.tolerations.0.effect`, 'NoSchedule'],
    ['a struct', `${pod}.securityContext.seccompProfile`, undefined],
    ['an image', `${main}.image`, 'x'],
    ['an empty string', `${main}.env.0.value`, 'x'],
    ['a removed list element', `${main}.env.0`, undefined],
    ['a quantity', `${main}.resources.requests.cpu`, '501m'],
    ['a port with a default in its key', `${main}.ports.0`, undefined],
    ['a list of strings', `${main}.args.1`, '--b'],
    ['a set', `${main}.securityContext.capabilities.drop`, []],
    ['a probe', `${main}.readinessProbe`, undefined],
  ])('puts back %s that somebody else changed', async (_what, path, value) => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    const edited = await client.replace(DEPLOYMENT, withAt(live, path, value), { fieldManager: 'editor' });
    expect(differs(manifest, edited, writer), 'noticed').toBe(true);
    const { outcome, object } = await applyIfChanged(client, DEPLOYMENT, edited, manifest, writer);
    expect(outcome).toBe('updated');
    expect(differs(manifest, object, writer), 'settled').toBe(false);
    for (const part of ['spec', 'metadata.labels', 'metadata.annotations', 'metadata.finalizers']) {
      expect(at(object, part)).toEqual(at(live, part));
    }
  });

  it('notices a change of any single value that it applied', async () => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    let accepted = 0;
    for (const [path, value] of leavesOf(manifest.spec, 'spec')) {
      const other = typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : !value;
      const edited = await client
        .replace(DEPLOYMENT, withAt(withAt(live, path, other), 'metadata.resourceVersion', undefined), {
          fieldManager: 'editor',
          dryRun: true,
        })
        .catch((error: unknown) => {
          if (isApiError(error, 'Invalid', 'BadRequest')) return undefined; // Immutable, or refused as it is now.
          throw error;
        });
      if (edited === undefined) continue;
      accepted++;
      expect(differs(manifest, edited, writer), path).toBe(true);
    }
    expect(accepted).toBeGreaterThan(20);
  });

  it('leaves alone what others add, and takes no notice of it', async () => {
    const manifest = deployment(fresh());
    await create(manifest);
    const patch = {
      metadata: { labels: { theirs: '1' }, annotations: { theirs: '1' } },
      spec: { paused: true, template: { spec: { terminationGracePeriodSeconds: 5 } } },
    };
    await client.patch(DEPLOYMENT, manifest.metadata, patch, { fieldManager: 'other' });
    const containers = [
      { name: 'main', env: [{ name: 'THEIRS', value: '1' }] },
      { name: 'sidecar', image: 'x' },
    ];
    const injected = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: manifest.metadata.name, namespace: 'default' },
      spec: { template: { spec: { containers } } },
    };
    await client.apply(DEPLOYMENT, injected, { fieldManager: 'injector' });
    await client.patchStatus(
      DEPLOYMENT,
      manifest.metadata,
      { status: { observedGeneration: 1, replicas: 2 } },
      { fieldManager: 'kcm' },
    );
    const live = await reread(manifest);
    expect(differs(manifest, live, writer)).toBe(false);

    const { object } = await applyIfChanged(
      client,
      DEPLOYMENT,
      live,
      withAt(manifest, 'spec.replicas', 5),
      writer,
    );
    expect(object.metadata.labels).toEqual({ app: 'x', theirs: '1' });
    expect(object.spec).toMatchObject({ replicas: 5, paused: true });
    expect(namesAt(object, `${pod}.containers`)).toEqual(['main', 'sidecar']);
    expect(namesAt(object, `${main}.env`)).toEqual(['EMPTY', 'B', 'THEIRS']);
    expect(at(object, 'status.replicas')).toBe(2);
  });

  it('removes what it applied before and no longer wants', async () => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    let slim = withAt(manifest, 'metadata.labels', undefined);
    for (const path of ['metadata.finalizers', 'spec.replicas', `${main}.env.1`])
      slim = withAt(slim, path, undefined);
    expect(differs(slim, live, writer)).toBe(true);
    const { object } = await applyIfChanged(client, DEPLOYMENT, live, slim, writer);
    expect(object.metadata.labels).toBeUndefined();
    expect(object.metadata.finalizers).toBeUndefined();
    expect(at(object, 'spec.replicas')).toBe(1); // Back to the default.
    expect(namesAt(object, `${main}.env`)).toEqual(['EMPTY']);
    expect(differs(slim, object, writer)).toBe(false);
  });

  it('leaves replicas to an autoscaler once it no longer states them', async () => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    await client.patch(DEPLOYMENT, manifest.metadata, { spec: { replicas: 7 } }, { fieldManager: 'hpa' });
    const without = withAt(manifest, 'spec.replicas', undefined);
    const { object } = await applyIfChanged(client, DEPLOYMENT, live, without, writer);
    expect(at(object, 'spec.replicas')).toBe(7);
    expect(differs(without, object, writer)).toBe(false);
  });

  it('does not overwrite an object that it did not know of', async () => {
    const metadata = { name: fresh(), namespace: 'default' };
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: 'theirs' } };
    await client.create(CONFIG_MAP, theirs, { fieldManager: 'somebody' });
    const ours = { ...theirs, data: { k: 'ours' } };
    await expect(applyIfChanged(client, CONFIG_MAP, undefined, ours, writer)).rejects.toMatchObject({
      code: 'Conflict',
      causes: [{ field: '.data.k', reason: 'FieldManagerConflict' }],
    });
    expect((await client.get(CONFIG_MAP, metadata)).data).toEqual({ k: 'theirs' });
  });

  it.each([
    ['a Secret', SECRET, { apiVersion: 'v1', kind: 'Secret', data: { k: 'YQ==' } }],
    ['a Deployment', DEPLOYMENT, deployment('')],
  ])(
    'creates %s where nothing is, and does not overwrite even its own one that it did not know of',
    async (_what, kind, content) => {
      const metadata = { name: fresh(), namespace: 'default' };
      const manifest = { ...content, metadata };
      const create = () => applyIfChanged(client, kind, undefined, manifest, writer);
      const { object } = await create();
      await expect(create()).rejects.toMatchObject({ code: 'Conflict' });
      expect((await client.get(kind, metadata)).metadata.resourceVersion).toBe(
        object.metadata.resourceVersion,
      );
    },
  );

  it('changes the version that it looked at, and no later one, when told so', async () => {
    const metadata = { name: fresh(), namespace: 'default' };
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: '1' } };
    const { object } = await applyIfChanged(client, CONFIG_MAP, undefined, manifest, writer);
    const change = (k: string) =>
      applyIfChanged(client, CONFIG_MAP, object, { ...manifest, data: { k } } as KubeObject, {
        ...writer,
        ifVersion: object.metadata.resourceVersion,
      });
    expect((await change('2')).outcome).toBe('updated');
    await expect(change('3')).rejects.toMatchObject({ code: 'Conflict' });
    expect((await client.get(CONFIG_MAP, metadata)).data).toEqual({ k: '2' });
  });

  it('changes no later incarnation of the object it looked at, and none that is gone', async () => {
    const metadata = { name: fresh(), namespace: 'default' };
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: '1' } };
    const { object: old } = await applyIfChanged(client, CONFIG_MAP, undefined, manifest, writer);
    await expect(
      client.delete(CONFIG_MAP, metadata, { preconditions: { uid: 'other' } }),
    ).rejects.toMatchObject({
      code: 'Conflict',
    });
    expect(await client.delete(CONFIG_MAP, metadata, { preconditions: { uid: old.metadata.uid } })).toBe(
      true,
    );
    expect(await client.delete(CONFIG_MAP, metadata)).toBe(false);
    const changed = { ...manifest, data: { k: '2' } };
    const write = () => applyIfChanged(client, CONFIG_MAP, old, changed, writer);
    await expect(write()).rejects.toMatchObject({ code: 'Conflict' });
    expect(await client.find(CONFIG_MAP, metadata)).toBeUndefined();
    await client.create(CONFIG_MAP, { ...manifest, data: { k: 'new' } } as KubeObject);
    await expect(write()).rejects.toMatchObject({ code: 'Conflict' });
    expect((await client.get(CONFIG_MAP, metadata)).data).toEqual({ k: 'new' });
  });

  it('refuses unknown fields and names what is invalid', async () => {
    const unknown = withAt(deployment(fresh()), `${main}.imageName`, 'x');
    await expect(applyIfChanged(client, DEPLOYMENT, undefined, unknown, writer)).rejects.toThrow(/imageName/);
    const wrong = withAt(deployment(fresh()), 'spec.replicas', -1);
    await expect(applyIfChanged(client, DEPLOYMENT, undefined, wrong, writer)).rejects.toMatchObject({
      code: 'Invalid',
      causes: [{ field: 'spec.replicas' }],
    });
  });

  it('notices ownership that was wiped', async () => {
    const manifest = deployment(fresh());
    const live = await create(manifest);
    const wiped = await client.patch(DEPLOYMENT, manifest.metadata, { metadata: { managedFields: [{}] } });
    expect(differs(manifest, wiped, writer)).toBe(true);
    const { object } = await applyIfChanged(client, DEPLOYMENT, live, manifest, writer);
    expect(differs(manifest, object, writer)).toBe(false);
  });
});
