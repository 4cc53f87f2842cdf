const PLAIN = /^[A-Za-z0-9._~/-]*$/;

/**
 * Percent-encodes a key or decoded path for a URL, leaving slashes and unreserved characters (RFC 3986 §2.3) as they are.
 * This is also the form SigV4 signs, so that the signed and the sent path are one string.
 */
export function encodePath(path: string): string {
  if (PLAIN.test(path)) return path;
  return encodeURIComponent(path)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, percentEncode);
}

/** Percent-encodes one query name or value as SigV4 wants it: everything but unreserved characters. */
export function encodeQueryComponent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, percentEncode);
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
