import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createRuntimeMetrics } from '../../operator/src/kube/metrics.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../../operator/src/kube/reflector.ts';
import { CONFIG_MAP, CUSTOM_RESOURCE_DEFINITION, NAMESPACE } from '../../operator/src/kube/resource-kind.ts';
import { type Fixture, startFixture } from './kube-fixture.ts';
import { openTcpGate, type TcpGate } from './kube-tcp-gate.ts';

const OBJECTS = 1500;

let fixture: Fixture;
let client: KubeClient;
/** A namespace of its own for each test. */
let namespace: string;
let gate: TcpGate;
let stop: AbortController;
let running: Promise<void> | undefined;
let count = 0;

beforeAll(async () => {
  fixture = await startFixture();
  client = fixture.client();
});
afterAll(() => fixture?.stop());

beforeEach(async () => {
  namespace = `reflector-${++count}`;
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  gate = await openTcpGate(fixture);
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  await gate.close();
});

function configMap(name: string, value: string): KubeObject & { data: Record<string, string> } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { value } };
}

const write = (name: string, value: string) =>
  client.apply(CONFIG_MAP, configMap(name, value), { fieldManager: 'test' });

/** A reflector behind the gate, and what it told, as "type name". */
function start(options: Partial<ReflectorOptions<KubeObject>> = {}) {
  const told: string[] = [];
  const reflector = createReflector<KubeObject>({
    client: fixture.client(gate.port),
    kind: CONFIG_MAP,
    namespaces: [namespace],
    fieldSelector: 'metadata.name!=kube-root-ca.crt',
    ...options,
  });
  reflector.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
  running = reflector.run(stop.signal);
  return { reflector, told };
}

/** The store is what the server has, to the version. */
async function expectEqual(reflector: Reflector<KubeObject>): Promise<void> {
  const { items } = await client.list(CONFIG_MAP, {
    namespace,
    fieldSelector: 'metadata.name!=kube-root-ca.crt',
  });
  const versions = (objects: KubeObject[]) =>
    objects.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
  expect(versions(reflector.store.list())).toEqual(versions(items));
}

describe('the reflector on a real API server', () => {
  it(`holds ${OBJECTS} objects read in pages, and follows changes to all of them`, async () => {
    const numbers = Array.from({ length: OBJECTS }, (_, number) => number);
    const each = async (work: (number: number) => Promise<unknown>) => {
      const left = [...numbers];
      const worker = async () => {
        for (let number = left.pop(); number !== undefined; number = left.pop()) await work(number);
      };
      await Promise.all(Array.from({ length: 12 }, worker));
    };
    await each((number) => write(`c-${number}`, 'first'));
    const { reflector, told } = start({ pageSize: 200 });
    await reflector.synced;
    expect(reflector.store.size).toBe(OBJECTS);
    expect(told).toHaveLength(OBJECTS);

    await each((number) =>
      number % 3 === 0
        ? client.delete(CONFIG_MAP, { namespace, name: `c-${number}` })
        : write(`c-${number}`, 'second'),
    );
    await vi.waitFor(() => expect(told).toHaveLength(2 * OBJECTS), { timeout: 10_000 });
    await expectEqual(reflector);
    expect(told.filter((line) => line.startsWith('deleted'))).toHaveLength(OBJECTS / 3);
  });

  it('resumes after connections were reset, telling each change once', async () => {
    await write('a', '1');
    const { reflector, told } = start();
    await reflector.synced;
    for (let round = 0; round < 5; round++) {
      gate.cut();
      await write('a', `cut ${round}`);
      await vi.waitFor(() => expect(told).toHaveLength(round + 2), { timeout: 5_000 });
    }
    await expectEqual(reflector);
  });

  it('notices a network that swallows packets', async () => {
    await write('a', '1');
    const { reflector, told } = start({ idleTimeoutMs: 2_000 });
    await reflector.synced;
    await new Promise((resolve) => setTimeout(resolve, 300));
    gate.frozen = true;
    await write('a', '2');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(told).toEqual(['added a']);
    gate.frozen = false;
    // The old connection stays dead: the bytes are gone. Only a new one can bring the change.
    await vi.waitFor(() => expect(told).toEqual(['added a', 'updated a']), { timeout: 10_000 });
  });

  it('outlives a restart of the API server', async () => {
    await write('a', '1');
    const { reflector, told } = start();
    await reflector.synced;
    await fixture.stopApiServer();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await fixture.startApiServer();
    await write('a', '2');
    await write('b', '1');
    await vi.waitFor(() => expect(told).toEqual(['added a', 'updated a', 'added b']), { timeout: 15_000 });
    await expectEqual(reflector);
  });

  it('lists again when history was compacted behind its back, telling only what differs', async () => {
    for (const name of ['stays', 'changes', 'goes']) await write(name, '1');
    const metrics = createRuntimeMetrics();
    const { reflector, told } = start({ idleTimeoutMs: 1_000, metrics });
    await reflector.synced;
    expect(told).toHaveLength(3);
    gate.frozen = true;
    await write('changes', '2');
    await write('comes', '1');
    await client.delete(CONFIG_MAP, { namespace, name: 'goes' });
    const { resourceVersion } = await client.list(CONFIG_MAP, { namespace });
    // A new server's watch cache starts now; and etcd forgets what was before.
    await fixture.stopApiServer();
    await fixture.compact(resourceVersion);
    await fixture.startApiServer();
    gate.cut();
    gate.frozen = false;
    await vi.waitFor(() => expect(told).toHaveLength(6), { timeout: 20_000 });
    expect(told.slice(3).sort()).toEqual(['added comes', 'deleted goes', 'updated changes']);
    expect(await metrics.registry.metrics()).toContain(
      'kube_watch_restarts_total{resource="configmaps",cause="relist"} 1',
    );
    await expectEqual(reflector);
  });

  it('sees bookmarks, labels coming and going, and metadata alone on request', async () => {
    await write('a', 'secret');
    const { reflector, told } = start({ labelSelector: 'ours=yes', metadataOnly: true });
    await reflector.synced;
    expect(told).toEqual([]);
    const ref = { namespace, name: 'a' };
    await client.patch(CONFIG_MAP, ref, { metadata: { labels: { ours: 'yes' } } });
    await vi.waitFor(() => expect(told).toEqual(['added a']));
    expect(reflector.store.get(`${namespace}/a`)).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(reflector.store.get(`${namespace}/a`)).not.toHaveProperty('data');
    await client.patch(CONFIG_MAP, ref, { metadata: { labels: { ours: null } } });
    await vi.waitFor(() => expect(told).toEqual(['added a', 'deleted a']));
  });

  it('shows our own write before the watch does, without telling it', async () => {
    const { reflector, told } = start();
    await reflector.synced;
    for (let round = 0; round < 50; round++) {
      const written = await write('a', String(round));
      reflector.wrote(written);
      const version = reflector.store.get(`${namespace}/a`)?.metadata.resourceVersion;
      expect(Number(version)).toBeGreaterThanOrEqual(Number(written.metadata.resourceVersion));
    }
    await client.delete(CONFIG_MAP, { namespace, name: 'a' });
    await vi.waitFor(() => expect(told.at(-1)).toBe('deleted a'));
    expect(reflector.store.size).toBe(0);
  });

  it('waits for a kind that is not served yet', async () => {
    const kind = { group: 'test.dev', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };
    const { reflector } = start({ kind, fieldSelector: undefined });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(reflector.hasSynced()).toBe(false);
    expect(await client.serves(kind)).toBe(false);
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.test.dev' },
      spec: {
        group: 'test.dev',
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    await client.create(CUSTOM_RESOURCE_DEFINITION, crd);
    await reflector.synced;
    expect(await client.serves(kind)).toBe(true);
  });
});
