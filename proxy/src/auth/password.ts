import { timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { encrypt as shaCrypt } from 'unixcrypt';
import { apr1 } from './apr1.ts';

/** The cost of SHA-crypt and apr1 grows with the password, so nobody's is longer than this many bytes. */
const MAX_PASSWORD_BYTES = 512;

/** Checks a password against a bcrypt, SHA-crypt ($5$, $6$) or apr1 hash. A hash that cannot be read matches nothing. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return false;
  try {
    // htpasswd writes $2y$, which is $2b$ by another name.
    if (hash.startsWith('$2')) return await bcrypt.compare(password, hash.replace(/^\$2[axy]\$/, '$2b$'));
    return sameText(
      hash.startsWith('$apr1$') ? apr1(password, hash.split('$')[2] ?? '') : shaCrypt(password, saltOf(hash)),
      hash,
    );
  } catch {
    return false;
  }
}

/** Everything of a SHA-crypt hash but the digest. */
function saltOf(hash: string): string {
  return hash.slice(0, hash.lastIndexOf('$'));
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
