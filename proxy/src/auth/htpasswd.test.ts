import { expect, test } from 'vitest';
import { parseHtpasswd } from './htpasswd.ts';

const BCRYPT = '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG';
const SHA256 = '$5$salt$6IzlsZZm891jmBvsNbZmjquuGNaCmclsWan6h1JzIt8';
const SHA512 = '$6$rounds=1000$salt$x';
const APR1 = '$apr1$saltsalt$553eXAj/BD3irf9w9nutz/';

test('users with bcrypt, SHA-crypt and apr1 hashes are read', () => {
  const text = `# comment\nann:${BCRYPT}\r\n\n  bob:${SHA256}  \nü:${SHA512}:more:fields\neve:${APR1}`;
  expect(parseHtpasswd(text)).toEqual({
    hashes: new Map([
      ['ann', BCRYPT],
      ['bob', SHA256],
      ['ü', SHA512],
      ['eve', APR1],
    ]),
    faults: [],
  });
});

test('what cannot be used is left out and told by its line, without its content', () => {
  const text = [
    `ann:${BCRYPT}`,
    'no colon at all',
    `:${BCRYPT}`,
    'plain:secret',
    'sha1:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
    'des:rl5FQBDDXDYL.',
    `ann:${APR1}`,
    'empty:',
    `bob:${APR1}`,
  ].join('\n');
  const { hashes, faults } = parseHtpasswd(text);
  expect([...hashes.keys()]).toEqual(['ann', 'bob']);
  expect(hashes.get('ann')).toBe(BCRYPT);
  expect(faults).toEqual([
    'line 2 is not "user:hash"',
    'line 3 is not "user:hash"',
    'line 4 has a hash that is not bcrypt, SHA-crypt or apr1',
    'line 5 has a hash that is not bcrypt, SHA-crypt or apr1',
    'line 6 has a hash that is not bcrypt, SHA-crypt or apr1',
    'line 7 names a user again',
    'line 8 has a hash that is not bcrypt, SHA-crypt or apr1',
  ]);
});

test('an empty file has no users', () => {
  expect(parseHtpasswd('\n\n')).toEqual({ hashes: new Map(), faults: [] });
});
