/** Annotations by which an Ingress names a Secret, of whichever ingress controller. */
const NAMES_A_SECRET = /secret|\/(client|server)-(ca|cert|crt)$/;

/** A Secret with its namespace: `namespace/name`, or the same as haproxy-ingress writes it. */
const WITH_NAMESPACE = /^(?:secret:\/\/)?([a-z0-9.-]+)\/[a-z0-9.-]+$/;

/** A file of the controller's own, where haproxy-ingress takes one for a Secret. */
const FILE = /^file:/;

/**
 * Names of the annotations that make an ingress controller read a Secret outside of `namespace`. Most controllers ask for leave of
 * their own before they do, and some can be told not to; who may create S3Proxies is not to depend on it. No rule of the custom resource
 * definition can say so: it does not see the namespace.
 */
export function foreignSecretAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  namespace: string,
): string[] {
  return Object.entries(annotations ?? {})
    .filter(([name]) => NAMES_A_SECRET.test(name))
    .filter(([, value]) => FILE.test(value) || (WITH_NAMESPACE.exec(value)?.[1] ?? namespace) !== namespace)
    .map(([name]) => name);
}
