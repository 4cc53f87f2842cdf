import type { ResourceKind } from '../kube/resource-kind.ts';

/** Kinds of other projects. Whether the cluster has them is asked before they are used. */

function foreign(group: string, version: string, plural: string, kind: string): ResourceKind {
  return Object.freeze({ group, version, plural, kind, namespaced: true });
}

/** Gateway API. */
export const HTTP_ROUTE = foreign('gateway.networking.k8s.io', 'v1', 'httproutes', 'HTTPRoute');
/** cert-manager. */
export const CERTIFICATE = foreign('cert-manager.io', 'v1', 'certificates', 'Certificate');
/** Traefik. */
export const MIDDLEWARE = foreign('traefik.io', 'v1alpha1', 'middlewares', 'Middleware');
