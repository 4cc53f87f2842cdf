import { describe, expect, it } from 'vitest';
import { DEPLOYMENT, SERVICE } from '../../operator/src/kube/resource-kind.ts';
import { CHILD_KINDS } from '../../operator/src/reconcile/caches.ts';
import { type Manifest, only, type Rule, render } from './helm.ts';

/** Of these every S3Proxy has one for all its life: they go with it, and are never deleted otherwise. */
const KEPT = [DEPLOYMENT, SERVICE];

/** What the operator may do in the namespaces it works in: "group/resource" → verbs. test/security/used-permissions.test.ts sees it use each of them. */
const NEEDED = {
  's3proxy.dev/s3proxies': 'list watch',
  's3proxy.dev/s3proxies/status': 'patch',
  '/pods': 'delete list watch',
  'events.k8s.io/events': 'create list patch watch',
  ...Object.fromEntries(
    CHILD_KINDS.map(({ kind }) => [
      `${kind.group}/${kind.plural}`,
      `create ${KEPT.includes(kind) ? '' : 'delete '}get list patch watch`,
    ]),
  ),
};

function permissions(rules: readonly Rule[] = []): Record<string, string> {
  const verbs = new Map<string, Set<string>>();
  for (const rule of rules) {
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const key = `${group}/${resource}${(rule.resourceNames ?? []).map((name) => `:${name}`).join('')}`;
        verbs.set(key, new Set([...(verbs.get(key) ?? []), ...rule.verbs]));
      }
    }
  }
  return Object.fromEntries([...verbs].map(([key, names]) => [key, [...names].sort().join(' ')]));
}

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);

const account = { kind: 'ServiceAccount', name: 's3proxy-operator', namespace: 'operators' };

describe('the operator in all namespaces', () => {
  it('may do what it does and no more', async () => {
    const manifests = await render();
    const [role] = named(manifests, 'ClusterRole', 'operators:s3proxy-operator');
    expect(permissions(role?.rules)).toEqual(NEEDED);
    expect(only(manifests, 'ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'operators:s3proxy-operator' },
      subjects: [account],
    });
  });

  it('may hold its own Lease alone', async () => {
    const role = only(await render('fullnameOverride=mine'), 'Role');
    expect(permissions(role.rules)).toEqual({
      'coordination.k8s.io/leases': 'create',
      'coordination.k8s.io/leases:mine': 'get update',
    });
  });

  it('may set owner references where an admission plugin asks for it', async () => {
    const manifests = await render('rbac.ownerReferencesPermissionEnforcement=true');
    const [role] = named(manifests, 'ClusterRole', 'operators:s3proxy-operator');
    expect(permissions(role?.rules)).toEqual({ ...NEEDED, 's3proxy.dev/s3proxies/finalizers': 'update' });
  });
});

describe('the operator in two namespaces', () => {
  const values = ['watchNamespaces={one,two}', 'rbac.aggregateClusterRoles=false'];

  it('has a role in each and none in the cluster', async () => {
    const manifests = await render(...values);
    expect(manifests.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    const roles = named(manifests, 'Role', 'operators:s3proxy-operator');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['one', 'two']);
    for (const role of roles) expect(permissions(role.rules)).toEqual(NEEDED);
    const bindings = named(manifests, 'RoleBinding', 'operators:s3proxy-operator');
    expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(['one', 'two']);
    for (const binding of bindings) {
      expect(binding).toMatchObject({ roleRef: { kind: 'Role' }, subjects: [account] });
    }
  });
});

it('creates no role and no binding where others do', async () => {
  const manifests = await render('rbac.create=false');
  expect(manifests.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
});
