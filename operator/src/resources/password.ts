import { randomInt } from 'node:crypto';

/** Letters and digits alone: nothing that a shell, a URL or a YAML file reads as something else. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 32;

/** A random password of 32 characters: 190 bits. */
export function generatePassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Whether a password is of the form that `generatePassword` makes, and so too long to be guessed. */
export function looksGenerated(password: string): boolean {
  return password.length === LENGTH && /^[A-Za-z0-9]+$/.test(password);
}
