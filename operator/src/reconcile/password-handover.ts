import { htpasswdSecretName } from '../resources/child-names.ts';
import type { ProxyPod } from './caches.ts';
import type { LiveDeployment } from './deployment-state.ts';

/** By the Deployment controller: the same for all pods of one template. */
const TEMPLATE_LABEL = 'pod-template-hash';

/** Whether the pods of a Deployment ask for the password themselves. */
export function podsAskForPassword(live: LiveDeployment | undefined, s3proxyName: string): boolean {
  const volumes = live?.spec?.template?.spec?.volumes ?? [];
  return volumes.some(({ secret }) => secret?.secretName === htpasswdSecretName(s3proxyName));
}

/**
 * Whether pods of more than one template run. One that stops is no longer counted by its Deployment, and yet gets requests until it
 * has drained and every ingress controller knows.
 */
export function areTemplatesMixed(pods: readonly ProxyPod[]): boolean {
  return new Set(pods.map(({ metadata }) => metadata.labels?.[TEMPLATE_LABEL])).size > 1;
}

/**
 * How long, in milliseconds, pods that ask for the password go on asking beside an Ingress that does so since a time (RFC 3339); 0 when
 * they may stop. Both ask for the same one, so that nobody notices. No ingress controller says when it follows its Ingress: Traefik
 * gathers changes for two seconds, others reload, and all of them are slower on a busy node. So it is `given` some time, in milliseconds.
 */
export function handoverLeft(passwordSince: string, now: Date, given: number): number {
  const since = Date.parse(passwordSince);
  // What is no time was not written by us; it is not worth waiting for ever.
  if (Number.isNaN(since)) return 0;
  return Math.min(given, Math.max(0, since + given - now.getTime()));
}
