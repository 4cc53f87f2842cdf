import { describe, expect, it } from 'vitest';
import { controllerOf, keyOf, ownerReferenceTo, refOf } from './objects.ts';
import {
  apiVersionOf,
  CONFIG_MAP,
  CUSTOM_RESOURCE_DEFINITION,
  collectionPath,
  DEPLOYMENT,
  objectPath,
} from './resource-kind.ts';
import { isNewer } from './resource-version.ts';

describe('paths', () => {
  it('puts the core group under /api and others under /apis', () => {
    expect(collectionPath(CONFIG_MAP)).toBe('/api/v1/configmaps');
    expect(collectionPath(DEPLOYMENT, 'a')).toBe('/apis/apps/v1/namespaces/a/deployments');
    expect(objectPath(DEPLOYMENT, { namespace: 'a', name: 'b' }, 'status')).toBe(
      '/apis/apps/v1/namespaces/a/deployments/b/status',
    );
    expect(apiVersionOf(CONFIG_MAP)).toBe('v1');
    expect(apiVersionOf(DEPLOYMENT)).toBe('apps/v1');
  });

  it('leaves the namespace out for cluster-scoped kinds', () => {
    expect(objectPath(CUSTOM_RESOURCE_DEFINITION, { name: 'x.y', namespace: 'a' })).toBe(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x.y',
    );
  });

  it('never turns a missing name or namespace into the path of a collection', () => {
    expect(() => objectPath(CONFIG_MAP, { namespace: 'a', name: '' })).toThrow(TypeError);
    expect(() => objectPath(CONFIG_MAP, { name: 'b' })).toThrow('ConfigMap b needs a namespace');
  });

  it('escapes what a name must not say', () => {
    expect(objectPath(CONFIG_MAP, { namespace: 'a', name: '../secrets/x' })).toBe(
      '/api/v1/namespaces/a/configmaps/..%2Fsecrets%2Fx',
    );
  });
});

describe('keys', () => {
  it('go there and back', () => {
    expect(keyOf({ namespace: 'a', name: 'b' })).toBe('a/b');
    expect(refOf('a/b')).toEqual({ namespace: 'a', name: 'b' });
    expect(refOf(keyOf({ name: 'b' }))).toEqual({ name: 'b' });
  });
});

describe('owner references', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'o', uid: 'u' } };

  it('name the controller', () => {
    const child = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'c', ownerReferences: [ownerReferenceTo(owner)] },
    };
    expect(controllerOf(child)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'o',
      uid: 'u',
      controller: true,
      blockOwnerDeletion: true,
    });
  });

  it('need a live owner', () => {
    expect(() => ownerReferenceTo({ ...owner, metadata: { name: 'o' } })).toThrow('has no uid');
  });
});

describe('isNewer', () => {
  it('compares as numbers, of any length', () => {
    expect(isNewer('10', '9')).toBe(true);
    expect(isNewer('9', '10')).toBe(false);
    expect(isNewer('10', '10')).toBe(false);
    expect(isNewer('99999999999999999999999', '99999999999999999999998')).toBe(true);
  });

  it('says nothing about versions that are no numbers', () => {
    expect(isNewer('b', 'a')).toBe(false);
    expect(isNewer('2', undefined)).toBe(false);
    expect(isNewer('010', '9')).toBe(false);
  });
});
