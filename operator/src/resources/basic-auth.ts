import { type Secret, secretText } from './secret.ts';

/** A user and the hash of a password, as a line of an htpasswd file has them. */
export interface HashedUser {
  user: string;
  hash: string;
}

/** Who may read: one user with a password (`kubernetes.io/basic-auth`), or many with hashes (an htpasswd file). */
export type BasicAuth =
  | { kind: 'password'; username: string; password: string }
  | { kind: 'htpasswd'; users: HashedUser[] };

export type ParsedBasicAuth = { ok: true; credentials: BasicAuth } | { ok: false; fault: string };

/** Key under which a referenced Secret may hold an htpasswd file. */
const HTPASSWD_KEY = 'htpasswd';

/** Bcrypt reads no more, so a longer password would be only as good as its beginning. */
const LONGEST_PASSWORD_BYTES = 72;

/** Hashes that the proxy reads: bcrypt, Apache's MD5 crypt, SHA-256 and SHA-512 crypt. */
const KNOWN_HASH = /^\$(2[abxy]|apr1|5|6)\$[^\s:]+$/;

/** The credentials in a Secret, or what is wrong with it, without any of its values. */
export function parseBasicAuth(secret: Secret): ParsedBasicAuth {
  const has = (key: string): boolean => secret.data?.[key] !== undefined;
  const result = has(HTPASSWD_KEY)
    ? has('username') || has('password')
      ? 'holds both an htpasswd file and a username or password: keep one of them'
      : parseFile(secretText(secret, HTPASSWD_KEY))
    : parsePassword(secretText(secret, 'username'), secretText(secret, 'password'));
  return typeof result === 'string'
    ? { ok: false, fault: `Secret ${secret.metadata.name}: ${result}` }
    : { ok: true, credentials: result };
}

function parsePassword(username: string | undefined, password: string | undefined): BasicAuth | string {
  if (username === undefined) return 'has no text under the key username: add it';
  if (password === undefined) return 'has no text under the key password: add it';
  if (!isUserName(username)) {
    return 'username must not be empty, begin with "#" or a space, or hold ":" or control characters';
  }
  if (password === '' || /\p{Cc}/u.test(password)) {
    return 'password must not be empty nor hold line breaks and other control characters';
  }
  if (Buffer.byteLength(password) > LONGEST_PASSWORD_BYTES) {
    return `password must not be longer than ${LONGEST_PASSWORD_BYTES} bytes`;
  }
  return { kind: 'password', username, password };
}

function parseFile(text: string | undefined): BasicAuth | string {
  if (text === undefined) return `has no text under the key ${HTPASSWD_KEY}: add it`;
  const users = new Map<string, string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const [user, hash] = [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1)];
    const where = `line ${index + 1} of ${HTPASSWD_KEY}`;
    if (!isUserName(user)) return `${where} is not "user:hash": correct or remove it`;
    if (!KNOWN_HASH.test(hash))
      return `${where} has a hash that is not bcrypt, SHA-crypt or apr1: make it with "htpasswd -B"`;
    if (users.has(user)) return `${where} names a user again: remove one of the lines`;
    users.set(user, hash);
  }
  if (users.size === 0) return `${HTPASSWD_KEY} names no user: add a line "user:hash"`;
  return { kind: 'htpasswd', users: [...users].map(([user, hash]) => ({ user, hash })) };
}

/** RFC 7617 §2, and the form of htpasswd files, in which a line is a user and "#" begins a comment. */
function isUserName(text: string): boolean {
  return text !== '' && text === text.trim() && !text.startsWith('#') && !/[:\p{Cc}]/u.test(text);
}
