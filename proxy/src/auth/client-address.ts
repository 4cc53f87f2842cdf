import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import proxyAddr from 'proxy-addr';

/** Finds a request's client behind trusted proxies. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * Walks X-Forwarded-For from its end for as long as the addresses are trusted proxies.
 * @param trusted addresses, CIDR ranges or the names loopback, linklocal and uniquelocal, comma-separated; empty for none
 * @throws TypeError when one of them is none of these
 */
export function createClientAddress(trusted: string): ClientAddress {
  const ranges = trusted.split(',').flatMap((range) => range.trim() || []);
  const trust = proxyAddr.compile(ranges);
  // A forwarded address is what the nearest proxy was told, so it may be any text.
  return (request) => proxyAddr(request, trust).slice(0, 64);
}

/** What counts as one client when failures are counted: an IPv4 address, or an IPv6 network of 64 bits, which one subscriber has. */
export function clientIdentity(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
