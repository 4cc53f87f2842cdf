import type { AuditEntry } from '../audit-log.ts';
import type { Rule } from '../chart/helm.ts';

/** One verb on one resource: what RBAC grants, and what a request uses. */
export interface Permission {
  /** Undefined: in all namespaces. */
  namespace: string | undefined;
  verb: string;
  /** `resource.group`, `resource.group/subresource`; without the group for the core's. */
  resource: string;
  /** Undefined: of any name. */
  name?: string | undefined;
}

interface Role {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: Rule[];
}

interface Binding {
  metadata: { namespace?: string };
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

/** `get secrets in one`, `update leases.coordination.k8s.io s3proxy-operator in operators`. */
export function textOf({ namespace, verb, resource, name }: Permission): string {
  return [verb, resource, name, `in ${namespace ?? 'all namespaces'}`].filter((part) => part).join(' ');
}

/** What the bindings grant a service account, one verb on one resource each. */
export function granted(
  account: { name: string; namespace: string },
  roles: readonly Role[],
  bindings: readonly Binding[],
): Permission[] {
  return bindings
    .filter(({ subjects = [] }) =>
      subjects.some(
        ({ kind, name, namespace }) =>
          kind === 'ServiceAccount' && name === account.name && namespace === account.namespace,
      ),
    )
    .flatMap(({ metadata: { namespace }, roleRef }) => {
      const role = roles.find(
        ({ kind, metadata }) =>
          kind === roleRef.kind &&
          metadata.name === roleRef.name &&
          (kind === 'ClusterRole' || metadata.namespace === namespace),
      );
      if (role === undefined) throw new Error(`there is no ${roleRef.kind} ${roleRef.name}`);
      return (role.rules ?? []).flatMap((rule) =>
        flatten(rule).map((each): Permission => ({ namespace, ...each })),
      );
    });
}

function flatten({ apiGroups, resources, resourceNames, verbs }: Rule): Omit<Permission, 'namespace'>[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        (resourceNames ?? [undefined]).map((name) => {
          const [plural = '', subresource] = resource.split('/');
          return { verb, resource: qualified(plural, group, subresource), name };
        }),
      ),
    ),
  );
}

function qualified(plural: string, group = '', subresource = ''): string {
  return `${plural}${group && `.${group}`}${subresource && `/${subresource}`}`;
}

/**
 * What an answered request needed. An apply that made the object is authorized twice, as a patch and as a create: the API server's log has
 * the first alone. None for a path that is no resource's.
 */
export function used({ verb, objectRef, responseStatus }: AuditEntry): Permission[] {
  if (objectRef?.resource === undefined) return [];
  const { namespace, name, resource, apiGroup, subresource } = objectRef;
  const verbs = verb === 'patch' && responseStatus?.code === 201 ? ['patch', 'create'] : [verb];
  return verbs.map((each) => ({
    namespace,
    verb: each,
    resource: qualified(resource, apiGroup, subresource),
    name,
  }));
}

/** The grant that covers a use; undefined where nothing does. */
export function grantOf(use: Permission, grants: readonly Permission[]): Permission | undefined {
  return grants.find(
    ({ namespace, verb, resource, name }) =>
      verb === use.verb &&
      resource === use.resource &&
      (namespace === undefined || namespace === use.namespace) &&
      // A create is authorized before there is a name.
      (name === undefined || (verb !== 'create' && name === use.name)),
  );
}
