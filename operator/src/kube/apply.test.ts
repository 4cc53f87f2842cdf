import { describe, expect, it } from 'vitest';
import { applyIfChanged, differs, manifestHash } from './apply.ts';
import type { KubeObject, ManagedFieldsEntry } from './objects.ts';
import type { FieldTree } from './ownership.ts';
import { SECRET } from './resource-kind.ts';
import { startFakeApiServer } from './testing/fake-api-server.ts';
import { trim } from './trim.ts';

const writer = { fieldManager: 'op', hashAnnotation: 'example.com/applied' };
const desired = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'n', namespace: 'a' },
  data: { k: 'v' },
};

const entry = (more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager: 'op',
  operation: 'Apply',
  apiVersion: 'v1',
  fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:example.com/applied': {} } }, 'f:data': { 'f:k': {} } },
  ...more,
});

function live(managedFields: ManagedFieldsEntry[], hash = manifestHash(desired)): KubeObject {
  const annotations = { 'example.com/applied': hash };
  return { ...desired, metadata: { ...desired.metadata, uid: 'u', annotations, managedFields } };
}

describe('differs', () => {
  it('is false for what was applied and is still ours', () => {
    expect(differs(desired, live([entry()]), writer)).toBe(false);
    expect(
      differs(desired, live([entry({ manager: 'kubectl', operation: 'Update' }), entry()]), writer),
    ).toBe(false);
  });

  it.each<[string, KubeObject]>([
    ['another manifest was applied', live([entry()], 'other')],
    ['nobody applied it', live([])],
    ['somebody else applied it', live([entry({ manager: 'other' })])],
    ['we wrote it otherwise than by apply', live([entry({ operation: 'Update' })])],
    ['only its status is ours', live([entry({ subresource: 'status' })])],
    ['it was applied at another API version', live([entry({ apiVersion: 'v1beta1' })])],
    ['two records disagree', live([entry(), entry({ apiVersion: 'v1beta1' })])],
    [
      'a field was taken over',
      live([entry({ fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:example.com/applied': {} } } } })]),
    ],
  ])('is true when %s', (_why, object) => {
    expect(differs(desired, object, writer)).toBe(true);
  });

  it('depends on the content alone, not on the order of keys', () => {
    const { metadata, ...rest } = desired;
    expect(manifestHash({ metadata, ...rest } as KubeObject)).toBe(manifestHash(desired));
    expect(manifestHash({ ...desired, data: { k: 'w' } } as KubeObject)).not.toBe(manifestHash(desired));
  });
});

describe('applyIfChanged', () => {
  it('sends nothing when nothing differs', async () => {
    const server = await startFakeApiServer();
    const { client } = server.client();
    const object = live([entry()]);
    expect(await applyIfChanged(client, SECRET, object, desired, writer)).toEqual({
      outcome: 'unchanged',
      object,
    });
    expect(server.requests).toEqual([]);
    await server.close();
  });

  it('refuses stringData', async () => {
    const server = await startFakeApiServer();
    const { client } = server.client();
    const secret = { ...desired, kind: 'Secret', stringData: { a: 'b' } };
    await expect(applyIfChanged(client, SECRET, undefined, secret, writer)).rejects.toThrow('use data');
    await server.close();
  });
});

describe('trim', () => {
  const object = () => ({
    ...desired,
    spec: { big: 1 },
    status: { ok: true },
    metadata: {
      ...desired.metadata,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', a: 'b' },
      managedFields: [entry({ time: 'now' }), entry({ manager: 'other' }), entry({ subresource: 'status' })],
    },
  });

  it('keeps what differs needs, the fields asked for and nothing else', () => {
    const trimmed = trim<KubeObject>({ fieldManager: 'op', keep: () => ({ status: { ok: true } }) })(
      object(),
    );
    const { manager, operation, apiVersion, fieldsV1 } = entry();
    expect(trimmed).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      status: { ok: true },
      metadata: {
        ...desired.metadata,
        annotations: { a: 'b' },
        managedFields: [{ manager, operation, apiVersion, fieldsV1 }],
      },
    });
  });

  it('keeps equal ownership once', () => {
    const transform = trim<KubeObject>({ fieldManager: 'op' });
    const [one, two] = [transform(object()), transform(object())].map(
      ({ metadata }) => (metadata.managedFields?.[0]?.fieldsV1 as FieldTree | undefined)?.['f:data']?.['f:k'],
    );
    expect(one).toEqual({});
    expect(one).toBe(two);
  });

  it('drops all of managedFields when no manager is named', () => {
    expect(trim<KubeObject>({})(object()).metadata.managedFields).toBeUndefined();
  });
});
