import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clientIdentity, createClientAddress } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('the client of a request', () => {
  test.each([
    ['10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.1', '198.51.100.1, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['192.0.2.9', '198.51.100.1', '192.0.2.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', 'nonsense', 'nonsense'],
    ['10.0.0.1', 'x'.repeat(1000), 'x'.repeat(64)],
  ])('from %s, forwarded for %s', (address, forwarded, expected) => {
    expect(createClientAddress('10.0.0.0/8, loopback')(request(address, forwarded))).toBe(expected);
  });

  test('nobody is believed where nobody is trusted', () => {
    expect(createClientAddress('')(request('127.0.0.1', '192.0.2.1'))).toBe('127.0.0.1');
  });

  test('what is no address is refused', () => {
    expect(() => createClientAddress('10.0.0.0/8,example.com')).toThrow(/example\.com/);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['nonsense', 'nonsense'],
])('%s counts as %s', (address, identity) => {
  expect(clientIdentity(address)).toBe(identity);
});
