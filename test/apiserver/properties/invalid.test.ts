import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { customResourceDefinition, openApiSchema } from '../../../operator/src/api/crd.ts';
import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../../../operator/src/api/s3proxy.ts';
import type { S3ProxySpecInput } from '../../../operator/src/api/spec.ts';
import type { SchemaNode } from '../../../operator/src/api/structural-schema.ts';
import { INVALID_SPECS } from '../../../operator/src/api/testing/invalid-specs.ts';
import {
  invalidValues,
  type Leaf,
  leafValues,
  listsAbove,
  specLeaves,
  specsWith,
  valueAt,
  withLeaf,
} from '../../../operator/src/api/testing/leaves.ts';
import type { KubeClient } from '../../../operator/src/kube/client.ts';
import { isApiError } from '../../../operator/src/kube/errors.ts';
import { controllerOf, type KubeObject } from '../../../operator/src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITION, NAMESPACE } from '../../../operator/src/kube/resource-kind.ts';
import { SMALLEST_SPEC } from '../../../operator/src/resources/testing/s3proxy.ts';
import { propertySeed } from '../../property-seed.ts';
import { type Cluster, startCluster } from '../survival/cluster.ts';
import { NAME } from '../survival/cycles.ts';
import { OBSERVED_KINDS } from '../survival/observer.ts';
import { type OperatorProcess, startOperator } from '../survival/operator-process.ts';
import { openPool, type Pool } from '../survival/pool.ts';
import { seedOf } from '../survival/random.ts';
import { weatherOf } from '../survival/weather.ts';

// For every leaf of the schema, values that it does not allow: the API server refuses them and names the field. Where it does not,
// because the definition in the cluster is an older one or an object is older than the definition, the operator does, and leaves the last
// good children as they are. SURVIVAL=all tries every such value on the operator as well; otherwise it is one a leaf.

const EVERYTHING = process.env.SURVIVAL === 'all';
const seed = propertySeed();

interface Invalid {
  /** The field to be blamed. */
  path: string;
  breaks: string;
  spec: S3ProxySpecInput;
}

const invalid: Invalid[][] = specLeaves().map(invalidSpecs);
let cluster: Cluster;
let client: KubeClient;
let pool: Pool;
let operator: OperatorProcess;
const counts = { refused: 0, stalled: 0 };

beforeAll(async () => {
  cluster = await startCluster();
  client = cluster.client;
  pool = await openPool(cluster.credentials);
  operator = startOperator('', {
    pool,
    weather: weatherOf('clear', Math.random),
    fate: () => 'answered',
    onLost: () => {},
  });
});

afterAll(async () => {
  console.info(
    `\ninvalid: ${counts.refused} specs refused by the API server, ${counts.stalled} by the operator; ${invalid.length} leaves; seed ${seed}\n`,
  );
  operator?.crash();
  await cluster?.stop();
  await pool?.close();
});

function invalidSpecs(leaf: Leaf): Invalid[] {
  const [spec] = fc.sample(specsWith(leaf, fc.oneof(...leafValues(leaf))), {
    numRuns: 1,
    seed: seed + seedOf(leaf.path),
  });
  if (spec === undefined) throw new Error(`no spec has ${leaf.path}`);
  const { path } = leaf;
  const values = invalidValues(leaf).map(([breaks, value]) => ({
    path,
    breaks,
    spec: withLeaf(spec, leaf, value),
  }));
  const lengths = listsAbove(leaf).flatMap(({ leaf: list, minItems, maxItems }) => {
    const [element] = valueAt(spec, list) as unknown[];
    const filled = Array.from({ length: maxItems + 1 }, () => element);
    return [
      ...(minItems > 0 ? [{ path: list.path, breaks: 'minItems', spec: withLeaf(spec, list, []) }] : []),
      { path: list.path, breaks: 'maxItems', spec: withLeaf(spec, list, filled) },
    ];
  });
  return [...values, ...lengths];
}

function s3proxy(namespace: string, spec: object): KubeObject {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name: NAME, namespace }, spec } as KubeObject;
}

/** What the API server says to a spec. */
async function refusalOf(spec: object): Promise<string> {
  try {
    await client.create(S3PROXY, s3proxy('default', spec), { dryRun: true });
  } catch (error) {
    if (isApiError(error, 'Invalid', 'BadRequest')) return error.message;
    throw error;
  }
  return 'taken';
}

describe('the API server', () => {
  test.each(invalid.map((each) => [each[0]?.path, each] as const))(
    'refuses what is wrong at %s',
    async (_, specs) => {
      for (const { path, breaks, spec } of specs) {
        expect(await refusalOf(spec), `${breaks}: ${JSON.stringify(spec)}`).toContain(path);
        counts.refused++;
      }
    },
  );

  test('refuses what breaks a rule across fields, each with its message', async () => {
    // Named otherwise by the API server than by the operator.
    const amounts = { requests: { 'ephemeral-storage': '2Gi' }, limits: { 'ephemeral-storage': '1Gi' } };
    const specs = [...INVALID_SPECS.map(([, spec]) => spec), { resources: amounts }];
    const refusals = await Promise.all(specs.map((spec) => refusalOf({ ...SMALLEST_SPEC, ...spec })));
    const all = refusals.join('\n');
    const unbroken = [...rulesOf(openApiSchema().properties as Record<string, SchemaNode>)].filter(
      (message) => !all.includes(message),
    );
    expect(unbroken).toEqual([]);
    counts.refused += specs.length;
  });
});

/** Messages of the rules of a tree of schemas. */
function* rulesOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === 'x-kubernetes-validations') {
      for (const { message } of child as { message: string }[]) yield message;
    } else yield* rulesOf(child);
  }
}

describe('the operator, where the API server takes everything', () => {
  const namespace = 'lenient';
  let before: Map<string, string | undefined>;

  beforeAll(async () => {
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: NAMESPACE.kind, metadata: { name: namespace } });
    await client.create(S3PROXY, s3proxy(namespace, SMALLEST_SPEC));
    const rest = { timeout: 60_000, interval: 50 };
    await vi.waitFor(async () => expect((await childVersions()).size).toBe(8), rest);
    await vi.waitFor(async () => expect(await operator.isIdle()).toBe(true), rest);
    before = await childVersions();
    await client.patch(
      CUSTOM_RESOURCE_DEFINITION,
      { name: `${S3PROXY.plural}.${S3PROXY.group}` },
      lenientDefinition(),
    );
    // It is in force a moment later.
    await vi.waitFor(async () => expect(await refusalOf({ nonsense: true })).toBe('taken'), rest);
  });

  /** Versions of the S3Proxy's children, by name. */
  async function childVersions(): Promise<Map<string, string | undefined>> {
    const lists = await Promise.all(OBSERVED_KINDS.map((kind) => client.list(kind, { namespace })));
    const children = lists.flatMap(({ items }) => items).filter((each) => controllerOf(each)?.kind === KIND);
    return new Map(
      children.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
    );
  }

  /** Writes over the spec, whoever writes the status meanwhile. */
  async function replaceSpec(spec: object): Promise<KubeObject> {
    for (;;) {
      const { metadata, status } = await client.get<S3Proxy>(S3PROXY, { name: NAME, namespace });
      const changed = { ...s3proxy(namespace, spec), metadata, status };
      try {
        return await client.replace(S3PROXY, changed);
      } catch (error) {
        if (!isApiError(error, 'Conflict')) throw error;
      }
    }
  }

  /** What the operator says of a spec. */
  async function verdictOn(spec: object): Promise<string> {
    const { metadata } = await replaceSpec(spec);
    return vi.waitFor(
      async () => {
        const { status } = await client.get<S3Proxy>(S3PROXY, metadata);
        const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
        expect(stalled).toMatchObject({ reason: 'InvalidSpec', observedGeneration: metadata.generation });
        return stalled?.message ?? '';
      },
      { timeout: 30_000, interval: 10 },
    );
  }

  test.each(invalid.map((each) => [each[0]?.path, each] as const))(
    'says what is wrong at %s',
    async (_, specs) => {
      const chosen = EVERYTHING ? specs : [specs[seed % specs.length]].filter((each) => each !== undefined);
      for (const { path, breaks, spec } of chosen) {
        expect(await verdictOn(spec), `${breaks}: ${JSON.stringify(spec)}`).toContain(path);
        counts.stalled++;
      }
    },
    EVERYTHING ? 600_000 : 60_000,
  );

  test('says which rule across fields is broken', async () => {
    for (const [field, spec] of INVALID_SPECS) {
      expect(await verdictOn({ ...SMALLEST_SPEC, ...spec }), JSON.stringify(spec)).toContain(field);
      counts.stalled++;
    }
  }, 120_000);

  test('has left the children alone all the while, and takes a good spec again', async () => {
    expect(await childVersions()).toEqual(before);
    await replaceSpec({ ...SMALLEST_SPEC, replicas: 2 });
    const stalled = async () => {
      const { status } = await client.get<S3Proxy>(S3PROXY, { name: NAME, namespace });
      return status?.conditions?.some(({ type }) => type === 'Stalled');
    };
    await expect.poll(stalled, { timeout: 20_000 }).toBe(false);
  });
});

/** Of the definition, what has to be other so that it takes anything for a spec. */
function lenientDefinition(): object {
  const { spec } = customResourceDefinition() as {
    spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, SchemaNode> } } }[] };
  };
  const [version] = spec.versions;
  const { properties } = version?.schema.openAPIV3Schema ?? { properties: {} };
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    spec: {
      versions: [
        {
          ...version,
          // The scale subresource would have the API server look at spec.replicas.
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { ...properties, spec: anything } } },
        },
      ],
    },
  };
}
