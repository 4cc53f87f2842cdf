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
