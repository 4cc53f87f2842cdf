import type { ValidS3Proxy } from '../api/s3proxy.ts';
import { authEnforcement } from './auth-enforcement.ts';
import { f5AuthSecretName, ingressAuthSecretName } from './child-names.ts';
import { middlewareReference } from './middleware.ts';

const TRAEFIK_MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';

/** When the Ingress began to ask for the password (RFC 3339): the controller needs a while to follow. */
export const PASSWORD_SINCE_ANNOTATION = 's3proxy.dev/password-since';

/** Annotations by which the spec's driver makes the ingress controller ask for the password; none when it is not to. */
export function ingressAuthAnnotations(s3proxy: ValidS3Proxy): Record<string, string> {
  const { name } = s3proxy.metadata;
  const { auth, ingress } = s3proxy.spec;
  const { driver, realm } = auth.basic;
  if (authEnforcement(s3proxy) !== 'ingress' || driver === undefined) return {};
  switch (driver) {
    case 'IngressNginx':
      return {
        'nginx.ingress.kubernetes.io/auth-type': 'basic',
        'nginx.ingress.kubernetes.io/auth-secret': ingressAuthSecretName(name),
        'nginx.ingress.kubernetes.io/auth-secret-type': 'auth-file',
        'nginx.ingress.kubernetes.io/auth-realm': realm,
      };
    case 'Traefik': {
      const given = ingress.annotations?.[TRAEFIK_MIDDLEWARES];
      const own = middlewareReference(s3proxy);
      return { [TRAEFIK_MIDDLEWARES]: given === undefined || given === '' ? own : `${own},${given}` };
    }
    case 'HAProxy':
      return {
        'haproxy.org/auth-type': 'basic-auth',
        'haproxy.org/auth-secret': ingressAuthSecretName(name),
        // A space would end the realm in HAProxy's configuration.
        'haproxy.org/auth-realm': realm.replaceAll(' ', '-'),
      };
    case 'F5Nginx':
      return {
        'nginx.org/basic-auth-secret': f5AuthSecretName(name),
        'nginx.org/basic-auth-realm': realm,
      };
  }
}

/** Annotations of which one at least is set where an ingress controller asks for the password. */
const ASKING = [
  'nginx.ingress.kubernetes.io/auth-secret',
  TRAEFIK_MIDDLEWARES,
  'haproxy.org/auth-secret',
  'nginx.org/basic-auth-secret',
];

/** Whether an Ingress with these annotations may be the one that asks for the password. */
export function asksForPassword(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return ASKING.some((name) => annotations?.[name] !== undefined);
}
