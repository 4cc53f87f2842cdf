import type { INGRESS_AUTH_DRIVERS } from '../api/auth.ts';
import type { ValidS3Proxy } from '../api/s3proxy.ts';
import type { KubeObject } from '../kube/objects.ts';
import { authEnforcement } from './auth-enforcement.ts';
import type { BasicAuth, HashedUser } from './basic-auth.ts';
import { f5AuthSecretName, ingressAuthSecretName } from './child-names.ts';
import { hashedUsers, htpasswdFile, provenance, usersOf } from './hashed-users.ts';
import { childMetadata } from './labels.ts';
import type { HashScheme } from './password-hash.ts';
import { type Secret, secretData, secretText } from './secret.ts';

type Driver = (typeof INGRESS_AUTH_DRIVERS)[number];

/** How a controller wants its users. */
interface Layout {
  secretName: (name: string) => string;
  type: string;
  /** Key of the htpasswd file; undefined where each user is a key. */
  fileKey: string | undefined;
  /** What we hash with. Controllers check every request, so bcrypt is chosen only where nothing else is strong. */
  scheme: HashScheme;
  /** Hashes of a referenced htpasswd file that the controller reads. */
  reads: RegExp;
}

const LAYOUTS: Readonly<Record<Driver, Layout>> = {
  IngressNginx: {
    secretName: ingressAuthSecretName,
    type: 'Opaque',
    fileKey: 'auth',
    scheme: 'apr1',
    // Traefik, which reads the same annotations, knows no SHA-crypt.
    reads: /^\$(apr1|2[aby])\$/,
  },
  Traefik: {
    secretName: ingressAuthSecretName,
    type: 'Opaque',
    fileKey: 'users',
    scheme: 'bcrypt',
    reads: /^\$(apr1|2[aby])\$/,
  },
  HAProxy: {
    secretName: ingressAuthSecretName,
    type: 'Opaque',
    fileKey: undefined,
    scheme: 'sha512',
    reads: /^\$[56]\$/,
  },
  F5Nginx: {
    secretName: f5AuthSecretName,
    type: 'nginx.org/htpasswd',
    fileKey: 'htpasswd',
    scheme: 'apr1',
    reads: /^\$(apr1|5|6|2[aby])\$/,
  },
};

export type IngressAuthSecret = { ok: true; secret: Secret } | { ok: false; fault: string };

/** Name of the Secret that the ingress controller reads; undefined when it does not ask for the password. */
export function wantedIngressAuthSecret(s3proxy: ValidS3Proxy): string | undefined {
  return layoutOf(s3proxy)?.secretName(s3proxy.metadata.name);
}

/** Names of all Secrets that some driver may have needed. */
export function ingressAuthSecretNames(name: string): string[] {
  return [ingressAuthSecretName(name), f5AuthSecretName(name)];
}

/**
 * The Secret that the ingress controller reads, made from `credentials`, which stand in `source`; undefined when the
 * controller does not ask for the password. Hashes in `existing`, the Secret as it stands, are kept while they say the same.
 */
export async function buildIngressAuthSecret(
  s3proxy: ValidS3Proxy,
  source: KubeObject,
  credentials: BasicAuth,
  existing: Secret | undefined,
): Promise<IngressAuthSecret | undefined> {
  const layout = layoutOf(s3proxy);
  if (layout === undefined) return undefined;
  const before = existing && { object: existing, users: readUsers(existing, layout) };
  const users = await hashedUsers(source, credentials, layout.scheme, before);
  const fault = faultOf(users, layout);
  if (fault !== undefined) {
    const { driver } = s3proxy.spec.auth.basic;
    return { ok: false, fault: `Secret ${source.metadata.name}: ${fault}, as the driver ${driver} needs it` };
  }
  const { name } = s3proxy.metadata;
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(s3proxy, layout.secretName(name), 'auth', provenance(source, users)),
    type: layout.type,
    data: secretData(
      layout.fileKey === undefined
        ? Object.fromEntries(users.map(({ user, hash }) => [user, hash]))
        : { [layout.fileKey]: htpasswdFile(users) },
    ),
  };
  return { ok: true, secret };
}

function layoutOf(s3proxy: ValidS3Proxy): Layout | undefined {
  const { driver } = s3proxy.spec.auth.basic;
  return authEnforcement(s3proxy) === 'ingress' && driver !== undefined ? LAYOUTS[driver] : undefined;
}

function readUsers(secret: Secret, { fileKey }: Layout): HashedUser[] {
  if (fileKey !== undefined) return usersOf(secretText(secret, fileKey) ?? '');
  return Object.keys(secret.data ?? {}).map((user) => ({ user, hash: secretText(secret, user) ?? '' }));
}

function faultOf(users: readonly HashedUser[], { fileKey, reads }: Layout): string | undefined {
  if (!users.every(({ hash }) => reads.test(hash))) {
    return `each hash must be of the form ${reads.source.replaceAll('\\', '')}…`;
  }
  if (fileKey === undefined && !users.every(({ user }) => /^(?!\.\.?$|\.\.)[A-Za-z0-9._-]+$/.test(user))) {
    return 'user names must hold letters, digits, "-", "_" and "." alone';
  }
  return undefined;
}
