import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { authEnforcement } from './auth-enforcement.ts';
import { ingressAuthSecretName, middlewareName } from './child-names.ts';
import { childMetadata } from './labels.ts';

/** traefik.io/v1alpha1 Middleware, as far as it is used here. */
export interface MiddlewareManifest extends KubeObject {
  spec: { basicAuth: { secret: string; realm: string; removeHeader: boolean } };
}

/** The Middleware by which Traefik asks for the password; undefined when it is not to. */
export function buildMiddleware(s3proxy: ValidS3Proxy): MiddlewareManifest | undefined {
  const { realm, driver } = s3proxy.spec.auth.basic;
  if (authEnforcement(s3proxy) !== 'ingress' || driver !== 'Traefik') return undefined;
  const { namespace, name } = s3proxy.metadata;
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: childMetadata(s3proxy, middlewareName(namespace, name), 'auth'),
    spec: { basicAuth: { secret: ingressAuthSecretName(name), realm, removeHeader: true } },
  };
}

/** How an Ingress names the Middleware. */
export function middlewareReference({ metadata }: ValidS3Proxy): string {
  const { namespace, name } = metadata;
  return `${namespace}-${middlewareName(namespace, name)}@kubernetescrd`;
}
