import { type Secret, secretText } from './secret.ts';

/** A user and a password, as `kubernetes.io/basic-auth` holds them. */
export interface BasicAuth {
  username: string;
  password: string;
}

export type ParsedBasicAuth = { ok: true; credentials: BasicAuth } | { ok: false; fault: string };

/** Bcrypt reads no more, so a longer password would be only as good as its beginning. */
const LONGEST_PASSWORD_BYTES = 72;

/** The credentials in a Secret, or what is wrong with it, without any of its values. */
export function parseBasicAuth(secret: Secret): ParsedBasicAuth {
  const { name } = secret.metadata;
  const refuse = (fault: string): ParsedBasicAuth => ({ ok: false, fault: `Secret ${name}: ${fault}` });
  const username = secretText(secret, 'username');
  const password = secretText(secret, 'password');
  if (username === undefined) return refuse('has no text under the key username');
  if (password === undefined) return refuse('has no text under the key password');
  // RFC 7617 §2 and the form of htpasswd files, in which a line is a user and "#" begins a comment.
  if (username === '' || /[:\p{Cc}]/u.test(username) || username.startsWith('#')) {
    return refuse('username must not be empty, begin with "#", or hold ":" or control characters');
  }
  if (password === '' || /\p{Cc}/u.test(password)) {
    return refuse('password must not be empty nor hold line breaks and other control characters');
  }
  if (Buffer.byteLength(password) > LONGEST_PASSWORD_BYTES) {
    return refuse(`password must not be longer than ${LONGEST_PASSWORD_BYTES} bytes`);
  }
  return { ok: true, credentials: { username, password } };
}
