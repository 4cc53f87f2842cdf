import { randomBytes } from 'node:crypto';
import { apr1 } from '@s3proxy/proxy/apr1';
import { compare, hash } from 'bcryptjs';
import { encrypt } from 'unixcrypt';
import { looksGenerated } from './password.ts';

/** Password hashes that are made here: bcrypt, Apache's MD5 crypt and SHA-512 crypt. */
export type HashScheme = 'bcrypt' | 'apr1' | 'sha512';

/** Rounds of bcrypt, as a power of two, for passwords that people choose. */
const COST_CHOSEN = 10;
/** A generated password has 190 bits: nothing more is needed to keep it from being guessed. */
const COST_GENERATED = 4;

/** A hash of `password` with a new salt. */
export async function hashPassword(scheme: HashScheme, password: string): Promise<string> {
  switch (scheme) {
    case 'bcrypt':
      return hash(password, looksGenerated(password) ? COST_GENERATED : COST_CHOSEN);
    case 'apr1':
      return apr1(password, salt(8));
    case 'sha512':
      return encrypt(password, `$6$${salt(16)}`);
  }
}

/** What `hashPassword` makes. Of another form, a tenant's hash could ask for hours of work (bcrypt's cost, SHA-crypt's rounds). */
const MADE: Readonly<Record<HashScheme, RegExp>> = {
  bcrypt: /^\$2[aby]\$(04|10)\$[./A-Za-z0-9]{53}$/,
  apr1: /^\$apr1\$[./A-Za-z0-9]{8}\$[./A-Za-z0-9]{22}$/,
  sha512: /^\$6\$[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/,
};

/** Whether `hashed` was made by `hashPassword` with this scheme, and of `password`. */
export async function isHashOf(scheme: HashScheme, password: string, hashed: string): Promise<boolean> {
  if (!MADE[scheme].test(hashed)) return false;
  switch (scheme) {
    case 'bcrypt':
      return compare(password, hashed);
    case 'apr1':
      return apr1(password, hashed.split('$')[2] ?? '') === hashed;
    case 'sha512':
      return encrypt(password, hashed.slice(0, hashed.lastIndexOf('$'))) === hashed;
  }
}

/** Random characters of the alphabet of crypt(3), but for ".". */
function salt(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length).replaceAll('+', '/');
}
