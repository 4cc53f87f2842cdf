import { hash } from 'node:crypto';

/** Names of an S3Proxy's children. Deployment, Service, Ingress and the other singletons bear its own name. */

export function basicAuthSecretName(name: string): string {
  return `${name}-basic-auth`;
}

export function htpasswdSecretName(name: string): string {
  return `${name}-htpasswd`;
}

export function caSecretName(name: string): string {
  return `${name}-ca`;
}

export function tlsSecretName(name: string): string {
  return `${name}-tls`;
}

/** The Secret that cert-manager keeps. Not the operator's own one, so that neither writes into the other's. */
export function certificateSecretName(name: string): string {
  return `${name}-certificate`;
}

/** Secrets for ingress controllers that ask for the password. A Secret's type cannot be changed, so each type has a name. */
export function ingressAuthSecretName(name: string): string {
  return `${name}-ingress-auth`;
}

export function f5AuthSecretName(name: string): string {
  return `${name}-f5-auth`;
}

/**
 * Traefik knows a Middleware as "namespace-name": without the hash, photos-web of namespace a and web of a-photos would be the same, and one
 * would be guarded by the other's password.
 */
export function middlewareName(namespace: string, name: string): string {
  return `${name}-${hash('sha256', `${namespace}/${name}`, 'hex').slice(0, 8)}`;
}
