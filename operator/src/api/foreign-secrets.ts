/** Annotations by which an Ingress names a Secret, of whichever ingress controller. */
const NAMES_A_SECRET = /secret|\/(client|server)-(ca|cert|crt)$/;

/** Holds what cert-manager puts on the Secret that it makes, as JSON; names none. */
const SECRET_TEMPLATE = 'cert-manager.io/secret-template';

/**
 * Names of the annotations that make an ingress controller read a Secret outside of `namespace`, or a file of its own. Most controllers
 * ask for leave of their own before they do, and some can be told not to; who may create S3Proxies is not to depend on it. No rule of
 * the custom resource definition can say so: it does not see the namespace.
 */
export function foreignSecretAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  namespace: string,
): string[] {
  return Object.entries(annotations ?? {})
    .filter(([name]) => name !== SECRET_TEMPLATE && NAMES_A_SECRET.test(name))
    .filter(([, value]) => value.split(',').some((reference) => isForeign(reference, namespace)))
    .map(([name]) => name);
}

/** `name`, `namespace/name`, or as haproxy-ingress writes them: `secret://namespace/name`, `file://path`. Controllers ignore spaces. */
function isForeign(reference: string, namespace: string): boolean {
  const bare = reference.trim().replace(/^secret:\/\//, '');
  return bare.includes('/') && bare.slice(0, bare.indexOf('/')).trim() !== namespace;
}
