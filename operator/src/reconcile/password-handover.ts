import { htpasswdSecretName } from '../resources/child-names.ts';
import type { LiveDeployment, PodVolumes } from './deployment-state.ts';

/** Whether a pod of such a spec asks for the S3Proxy's password. */
export function mountsHtpasswd(spec: PodVolumes | undefined, s3proxyName: string): boolean {
  const htpasswd = htpasswdSecretName(s3proxyName);
  return spec?.volumes?.some(({ secret }) => secret?.secretName === htpasswd) === true;
}

/** Whether the pods of a Deployment ask for the password themselves. */
export function podsAskForPassword(live: LiveDeployment | undefined, s3proxyName: string): boolean {
  return mountsHtpasswd(live?.spec?.template?.spec, s3proxyName);
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
