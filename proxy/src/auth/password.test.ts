import { expect, test } from 'vitest';
import { verifyPassword } from './password.ts';

// Made with `htpasswd -nbB`, `htpasswd -nbm`, `openssl passwd -5`, `openssl passwd -6` and `mkpasswd`; the password is "pässword".
const HASHES = [
  '$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
  '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
  '$apr1$saltsalt$553eXAj/BD3irf9w9nutz/',
  '$5$salt$6IzlsZZm891jmBvsNbZmjquuGNaCmclsWan6h1JzIt8',
  '$6$abcdefghijklmnop$PgfBRn5NkXbA2XZtilnguWKQpJpfJShmLyZHZeZDGfPC0OAI0h9GDSq13PAh4FBaE5zk5GFVxj.FP0gNFfKla1',
  '$6$rounds=1234$pepper$na17nsAoCXsSVI8T79CtLjrAXYlcjWSwBQwniCe6iIE3LMuGreImeQ1iQFAsoFDVibGbvonnrXtZ.D7aYcfdB.',
  '$5$rounds=1000$s$5GV5Pi58fLV.j8XfXEd3IpMt288LgIj8DqFIhS8QD69',
];

test.each(HASHES)('%s', async (hash) => {
  expect(await verifyPassword('pässword', hash)).toBe(true);
  expect(await verifyPassword('password', hash)).toBe(false);
  expect(await verifyPassword('', hash)).toBe(false);
});

test.each(['', 'pässword', '$2y$', '$6$', '$apr1$', '$2b$04$short', '$5$rounds=x$y$z', '$apr1$$'])(
  'the broken hash %o matches nothing',
  async (hash) => {
    expect(await verifyPassword('pässword', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  },
);
