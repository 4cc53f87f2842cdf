import { expect, test } from 'vitest';
import { mirrorOf } from './base-image.ts';

test('the mirror is the Debian archive that apt reads', () => {
  const targets = `https://security.example/debian-security bookworm-security Debian main
https://pkgs.example/tool stable Tool main
https://mirror.example/debian bookworm-updates Debian main
https://mirror.example/debian bookworm Debian main
`;
  expect(mirrorOf(targets)).toBe('https://mirror.example/debian');
});

test('on another distribution there is none', () => {
  expect(mirrorOf('https://mirror.example/ubuntu noble Ubuntu main\n')).toBeUndefined();
  expect(mirrorOf('')).toBeUndefined();
});
