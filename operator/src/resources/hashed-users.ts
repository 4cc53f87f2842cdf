import { hash } from 'node:crypto';
import type { KubeObject } from '../kube/objects.ts';
import type { BasicAuth, HashedUser } from './basic-auth.ts';
import { type HashScheme, hashPassword, isHashOf } from './password-hash.ts';

/** Version of the Secret that the hashes were made from, as `uid/resourceVersion`. */
export const SOURCE_ANNOTATION = 's3proxy.dev/source';
/** SHA-256 of the users and hashes, so that they are kept only if nobody else wrote them. */
export const CHECKSUM_ANNOTATION = 's3proxy.dev/checksum';

/** What a Secret made of `users` says of where they come from. */
export function provenance(source: KubeObject, users: readonly HashedUser[]): Record<string, string> {
  return { [SOURCE_ANNOTATION]: versionOf(source), [CHECKSUM_ANNOTATION]: checksumOf(users) };
}

/**
 * The users of `credentials`, which stand in `source`, with hashes. Those that `existing`, the Secret made from it before, holds
 * are kept while they say the same, for with a new salt they would be others. While `source` itself is unchanged, they need not even
 * be verified: bcrypt is slow by design.
 */
export async function hashedUsers(
  source: KubeObject,
  credentials: BasicAuth,
  scheme: HashScheme,
  existing: { object: KubeObject; users: readonly HashedUser[] } | undefined,
): Promise<readonly HashedUser[]> {
  if (credentials.kind === 'htpasswd') return credentials.users;
  const { username, password } = credentials;
  const annotations = existing?.object.metadata.annotations;
  if (existing !== undefined && annotations?.[CHECKSUM_ANNOTATION] === checksumOf(existing.users)) {
    if (annotations[SOURCE_ANNOTATION] === versionOf(source)) return existing.users;
    const [kept] = existing.users;
    const same = kept?.user === username && (await isHashOf(scheme, password, kept.hash));
    if (same && existing.users.length === 1) return existing.users;
  }
  return [{ user: username, hash: await hashPassword(scheme, password) }];
}

/** An htpasswd file. */
export function htpasswdFile(users: readonly HashedUser[]): string {
  return users.map(({ user, hash }) => `${user}:${hash}\n`).join('');
}

/** The inverse of `htpasswdFile`. */
export function usersOf(file: string): HashedUser[] {
  return file
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ user: line.slice(0, line.indexOf(':')), hash: line.slice(line.indexOf(':') + 1) }));
}

function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid ?? ''}/${metadata.resourceVersion ?? ''}`;
}

function checksumOf(users: readonly HashedUser[]): string {
  return hash('sha256', htpasswdFile(users), 'hex');
}
