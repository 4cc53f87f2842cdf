import { expect, test } from 'vitest';
import { firstServiceAddress } from './components.ts';

test.each([
  ['10.96.0.0/16', '10.96.0.1'],
  ['10.96.255.0/24', '10.96.255.1'],
  ['172.20.0.255/30', '172.20.1.0'],
])('the kubernetes Service of %s is %s', (cidr, address) => {
  expect(firstServiceAddress(cidr)).toBe(address);
});
