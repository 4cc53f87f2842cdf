import { expect, test } from 'vitest';
import { CredentialLog } from './credential-log.ts';

function log() {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: object, message: string) => lines.push([level, message, fields]);
  let now = 0;
  const subject = new CredentialLog(
    { info: write('info'), warn: write('warn'), error: write('error') },
    () => now,
  );
  return {
    subject,
    /** What came since the last look. */
    said: () => lines.splice(0),
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

const keys = { accessKeyId: 'key', secretAccessKey: 'secret' };
const NONE = ['error', 'no credentials: every request fails until there are some', { reason: 'no role' }];

test('a failure is told once a minute, another one at once, and its end', () => {
  const { subject, said, pass } = log();
  const fail = (reason: string) => subject.failed(new Error(reason), undefined);
  for (let i = 0; i < 10; i++) fail('no role');
  expect(said()).toEqual([NONE]);
  fail('no agent');
  expect(said()).toHaveLength(1);
  fail('no role');
  expect(said()).toEqual([NONE]);
  pass(60_000);
  fail('no role');
  expect(said()).toEqual([NONE]);
  subject.obtained(keys);
  expect(said()).toEqual([['info', 'credentials obtained', {}]]);
  fail('no role');
  expect(said()).toEqual([NONE]);
});

test('while others serve on it is a warning that says until when', () => {
  const { subject, said } = log();
  const inUse = { ...keys, expiration: Date.UTC(2030, 0, 1) };
  subject.failed(new Error('no role'), inUse);
  expect(said()).toEqual([
    [
      'warn',
      'credentials could not be renewed; those there are serve on',
      { reason: 'no role', until: '2030-01-01T00:00:00.000Z' },
    ],
  ]);
  subject.failed(new Error('no role'), undefined);
  expect(said()).toEqual([NONE]);
});

test('keys for good are not worth a line, nor is any key ever told', () => {
  const { subject, said } = log();
  subject.obtained(keys);
  expect(said()).toEqual([]);
  subject.obtained({ ...keys, expiration: Date.UTC(2030, 0, 1) });
  expect(said()).toEqual([['info', 'credentials obtained', { expiresAt: '2030-01-01T00:00:00.000Z' }]]);
});
