import { expect, test } from 'vitest';
import { chooseNetwork, keepNetwork } from './network.ts';

const ROUTES = `default via 10.0.0.1 dev eth0
10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2
10.213.16.0/30 dev s3p10000000 proto kernel scope link src 10.213.16.1
local 10.213.16.1 dev s3p10000000 table local proto kernel scope host src 10.213.16.1
`;

test('the name leads to the addresses', () => {
  expect(chooseNetwork('20abcdef', ROUTES)).toEqual({
    hostInterface: 's3p20abcdef',
    hostAddress: '10.213.32.1',
    address: '10.213.32.2',
  });
});

test('addresses in use are passed over', () => {
  expect(chooseNetwork('10abcdef', ROUTES).address).toBe('10.213.17.2');
  const full = Array.from({ length: 256 }, (_, index) => `10.213.${index}.0/30 dev x`).join('\n');
  expect(() => chooseNetwork('10abcdef', full)).toThrow(/no free network/);
});

test('an interface name fits the kernel’s 15 characters', () => {
  expect(chooseNetwork('20abcdef', '').hostInterface.length).toBeLessThanOrEqual(15);
});

test('a machine keeps its addresses while they are free', () => {
  const before = chooseNetwork('20abcdef', '');
  expect(keepNetwork(before, '20abcdef', ROUTES)).toEqual(before);
  expect(keepNetwork(before, '20abcdef', '10.213.32.0/30 dev other').address).toBe('10.213.33.2');
});
