import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DemoEnvironment, formatEnvironmentFile, parseEnvironmentFile } from './environment-file.ts';

const value = fc.string({ unit: fc.constantFrom('a', "'", '"', '$', '\\', '`', ' ', '&', '/') });

test('what is written is read back', () => {
  fc.assert(
    fc.property(value, value, (URL, AUTH_PASSWORD) => {
      const text = formatEnvironmentFile({ URL, AUTH_PASSWORD } as DemoEnvironment);
      expect(parseEnvironmentFile(text)).toEqual({ URL, AUTH_PASSWORD });
    }),
  );
});

test('a shell that sources the file gets the same values', () => {
  const password = `it's "$HOME" \`id\` \\ & done`;
  const text = formatEnvironmentFile({ AUTH_PASSWORD: password } as DemoEnvironment);
  const out = execFileSync('sh', ['-c', `eval "$1"; printf %s "$AUTH_PASSWORD"`, 'sh', text]);
  expect(out.toString()).toBe(password);
});
