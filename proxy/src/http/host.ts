/** `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2); empty when the target has no authority. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d*)?$/;

/**
 * Whether a Host header may be acted upon (RFC 9112 §3.2: an invalid one, or more than one, is answered by 400). Several lines
 * are one value joined by ", " here, which is no host. That HTTP/1.1 has one at all is Node's to see to.
 */
export function isValidHost(host: string | undefined): boolean {
  return host === undefined || HOST.test(host);
}
