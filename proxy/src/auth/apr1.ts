import { createHash } from 'node:crypto';

const ROUNDS = 1000;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Which bytes of the digest each group of output characters is made of, highest first. */
const GROUPS = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]] as const;

/**
 * Apache's MD5 crypt, `$apr1$salt$digest` (httpd: support/passwd, apr_md5_encode). Written here because the published package
 * hashes passwords outside ASCII wrongly.
 * @param salt at most eight characters
 */
export function apr1(password: string, salt: string): string {
  const secret = Buffer.from(password, 'utf8');
  const seasoning = Buffer.from(salt, 'utf8');
  const inner = md5(secret, seasoning, secret);
  const first: Buffer[] = [secret, Buffer.from('$apr1$'), seasoning];
  for (let left = secret.length; left > 0; left -= 16) first.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = secret.length; bits > 0; bits >>= 1) {
    first.push(bits & 1 ? Buffer.from([0]) : secret.subarray(0, 1));
  }
  let digest = md5(...first);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? secret : digest];
    if (round % 3 !== 0) parts.push(seasoning);
    if (round % 7 !== 0) parts.push(secret);
    parts.push(odd ? digest : secret);
    digest = md5(...parts);
  }
  return `$apr1$${salt}$${GROUPS.map((group) => encode(group.map((index) => digest[index] ?? 0))).join('')}`;
}

function md5(...parts: Buffer[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** One to three bytes, the first the highest, as two to four characters, lowest six bits first. */
function encode(bytes: number[]): string {
  let value = bytes.reduce((sum, byte) => (sum << 8) | byte, 0);
  let text = '';
  for (let i = 0; i <= bytes.length; i++) {
    text += ALPHABET[value & 63];
    value >>= 6;
  }
  return text;
}
