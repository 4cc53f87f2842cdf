import { describe, expect, it } from 'vitest';
import type { KubeObject } from './objects.ts';
import { trim } from './trim.ts';

const REFERENCE = { apiVersion: 'a/v1', kind: 'Owner', name: 'owner' };

/** An object with these owners, of which `manager` applied those of `applied`. */
function owned(owners: readonly string[], applied: readonly string[] = owners): KubeObject {
  const trees = applied.map((uid) => [`k:${JSON.stringify({ uid })}`, {}]);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: owners.join('-'),
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'yes' },
      ownerReferences: owners.map((uid) => ({ ...REFERENCE, uid })),
      managedFields: [
        { manager: 'kubectl', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': {} } },
        {
          manager: 'manager',
          operation: 'Apply',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsV1: {
            'f:data': { 'f:a': {} },
            'f:metadata': { 'f:ownerReferences': { '.': {}, ...Object.fromEntries(trees) } },
          },
        },
      ],
    },
  };
}

const trimmed = trim<KubeObject>({ fieldManager: 'manager' });

function recordOf(object: KubeObject) {
  return trimmed(object).metadata.managedFields;
}

describe('trim', () => {
  it('keeps what the manager applied, and nothing of the others', () => {
    expect(recordOf(owned([]))).toEqual([
      {
        manager: 'manager',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:ownerReferences': {} } },
      },
    ]);
  });

  it('keeps one record for all objects whose owners alone differ', () => {
    expect(recordOf(owned(['1']))).toBe(recordOf(owned(['2'])));
    expect(recordOf(owned(['1']))).not.toEqual(recordOf(owned(['1', '2'], ['1'])));
  });

  it('keeps an owner by its uid where it is not the one that the object has', () => {
    const [record] = recordOf(owned(['2'], ['1'])) ?? [];
    expect(record?.fieldsV1).toMatchObject({
      'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"1"}': {} } },
    });
  });

  it('keeps no record at all without a manager', () => {
    expect(trim<KubeObject>({})(owned(['1'])).metadata).toMatchObject({ annotations: { mine: 'yes' } });
    expect(trim<KubeObject>({})(owned(['1'])).metadata).not.toHaveProperty('managedFields');
  });

  it("drops kubectl's copy, and all but what is to be kept", () => {
    const object = { ...owned(['1']), data: { a: '1' }, type: 'T' };
    const kept = trim<KubeObject>({ keep: () => ({ type: 'T' }) })(object);
    expect(kept).toMatchObject({ kind: 'ConfigMap', type: 'T', metadata: { annotations: { mine: 'yes' } } });
    expect(kept).not.toHaveProperty('data');
    expect(Object.keys(kept.metadata.annotations ?? {})).toEqual(['mine']);
  });
});
