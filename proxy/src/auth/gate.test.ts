import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Authenticator } from './authenticator.ts';
import { createClientAddress } from './client-address.ts';
import { Gate } from './gate.ts';
import { type PasswordChecker, TooManyChecksError } from './password-checker.ts';
import { Throttle } from './throttle.ts';

const plain: PasswordChecker = { matches: async (password, hash) => password === hash };

function gate(checker = plain, trusted = 'loopback') {
  let now = 1000;
  const authenticator = new Authenticator(new Map([['ann', 'a']]), checker);
  const subject = new Gate(
    authenticator,
    new Throttle(() => now),
    createClientAddress(trusted),
    'my "realm"',
  );
  const admit = (authorization?: string, address = '192.0.2.1', forwarded?: string) => {
    const headers = { authorization, 'x-forwarded-for': forwarded };
    return subject.admit({ headers, socket: { remoteAddress: address } } as unknown as IncomingMessage);
  };
  return {
    admit,
    pass(seconds: number) {
      now += seconds * 1000;
    },
  };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const REFUSAL = {
  status: 401,
  message: 'Unauthorized',
  challenge: 'Basic realm="my \\"realm\\"", charset="UTF-8"',
};

test.each([
  undefined,
  '',
  'Basic',
  'Basic !!!',
  'Bearer abc',
  basic('no colon'),
  basic('ann:b'),
  basic('bob:a'),
])('%o is refused with a challenge that names the realm', async (authorization) => {
  expect(await gate().admit(authorization)).toEqual(REFUSAL);
});

test('a right password gives its user, the second time without a promise', async () => {
  const { admit } = gate();
  const first = admit(basic('ann:a'));
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toEqual({ user: 'ann' });
  expect(admit(basic('ann:a'))).toEqual({ user: 'ann' });
});

test('a client that keeps guessing is told to wait, and others are not', async () => {
  const { admit, pass } = gate();
  for (let i = 0; i < 6; i++) expect(await admit(basic(`ann:guess${i}`))).toEqual(REFUSAL);
  const slowed = { status: 429, message: 'Too many failed logins; wait.', retryAfter: 1 };
  expect(await admit(basic('ann:next'))).toEqual(slowed);
  // Even the right one: else the wait would tell that it is right.
  expect(await admit(basic('ann:a'))).toEqual(slowed);
  expect(await admit(basic('ann:a'), '192.0.2.2')).toEqual({ user: 'ann' });
  // Who is logged in stays so.
  expect(await admit(basic('ann:a'))).toEqual({ user: 'ann' });
  pass(1);
  expect(await admit(basic('ann:next'))).toEqual(REFUSAL);
});

test('the same wrong password again is not another guess', async () => {
  const { admit } = gate();
  for (let i = 0; i < 20; i++) expect(await admit(basic('ann:wrong'))).toEqual(REFUSAL);
  expect(await admit(basic('ann:a'))).toEqual({ user: 'ann' });
});

test('clients behind a trusted proxy are told apart, behind others they are not', async () => {
  const guess = async (admit: ReturnType<typeof gate>['admit'], address: string) => {
    for (let i = 0; i < 6; i++) await admit(basic(`ann:guess${i}`), address, '198.51.100.1');
    return [
      await admit(basic('ann:x'), address, '198.51.100.1'),
      await admit(basic('ann:a'), address, '198.51.100.2'),
    ].map((admission) => ('user' in admission ? 200 : admission.status));
  };
  expect(await guess(gate().admit, '127.0.0.1')).toEqual([429, 200]);
  expect(await guess(gate().admit, '203.0.113.9')).toEqual([429, 429]);
});

test('a browser that asks on many connections at once counts once', async () => {
  const { admit } = gate();
  const all = await Promise.all(Array.from({ length: 30 }, () => admit(basic('ann:a'))));
  expect(all).toEqual(Array.from({ length: 30 }, () => ({ user: 'ann' })));
});

test('too many checks at once are 503 and no failure', async () => {
  let busy = true;
  const { admit } = gate({
    async matches(password, hash) {
      if (busy) throw new TooManyChecksError();
      return password === hash;
    },
  });
  for (let i = 0; i < 10; i++)
    expect(await admit(basic('ann:a'))).toMatchObject({ status: 503, retryAfter: 1 });
  busy = false;
  expect(await admit(basic('ann:a'))).toEqual({ user: 'ann' });
});
