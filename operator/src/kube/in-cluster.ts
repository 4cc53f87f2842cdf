import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { CredentialSource } from './connection.ts';

/** Where the kubelet mounts a pod's service account (Kubernetes, "Accessing the API from a Pod"). */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process runs in a pod that may talk to its API server. */
export function isInCluster(env: NodeJS.ProcessEnv): boolean {
  return (env.KUBERNETES_SERVICE_HOST ?? '') !== '' && (env.KUBERNETES_SERVICE_PORT ?? '') !== '';
}

/**
 * The pod's own credentials. Token and CA are read anew each time: the kubelet rotates the token well before it expires.
 * Written here rather than taken from client-node because importing that costs the process a third more memory.
 */
export function inClusterCredentials(
  env: NodeJS.ProcessEnv,
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): CredentialSource {
  if (!isInCluster(env)) {
    throw new Error(
      'not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give a kubeconfig instead',
    );
  }
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const authority = isIPv6(host) ? `[${host}]` : host;
  return {
    server: new URL(`https://${authority}:${env.KUBERNETES_SERVICE_PORT}`),
    async load() {
      const [token, ca] = await Promise.all([
        readFile(join(directory, 'token'), 'utf8'),
        readFile(join(directory, 'ca.crt'), 'utf8'),
      ]);
      return { headers: { authorization: `Bearer ${token.trim()}` }, ca };
    },
  };
}

/** The namespace this pod runs in, or undefined outside a pod. */
export async function ownNamespace(
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): Promise<string | undefined> {
  try {
    const namespace = (await readFile(join(directory, 'namespace'), 'utf8')).trim();
    return namespace === '' ? undefined : namespace;
  } catch {
    return undefined;
  }
}
