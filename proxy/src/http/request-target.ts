/** What a request line asks for, decoded exactly once. */
export type RequestTarget =
  | { kind: 'path'; path: string; query: string }
  | { kind: 'refused'; message: string };

/** Most paths: unreserved ASCII, no empty segment and none that begins with a dot. They need no decoding. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\/?$/;

/** RFC 9110 §4.2: an empty host is invalid, and user information in front of it is not to be trusted. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#@]+(?=[/?#]|$)/i;

/**
 * Splits and decodes a request target (RFC 9112 §3.2): origin form or absolute form of http and https. Bytes above 0x7F, which
 * Node hands over one per character, are taken as UTF-8, because curl sends them unescaped.
 * The path keeps its leading slash; empty segments stay, since `a//b` is an object key of its own.
 */
export function parseRequestTarget(target: string): RequestTarget {
  const question = target.indexOf('?');
  let raw = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question + 1);
  if (PLAIN_PATH.test(raw)) return { kind: 'path', path: raw, query };

  raw = raw.replace(ABSOLUTE_FORM, '');
  if (raw === '') raw = '/';
  if (!raw.startsWith('/')) return refused('The request target is not a path.');
  const fragment = raw.indexOf('#');
  if (fragment !== -1) return refused('The request target holds a "#", which must be sent as %23.');

  let path: string;
  try {
    path = decodeURIComponent(raw.replace(/[\x80-\xff]/g, percentEncodeByte));
  } catch {
    return refused('The request path is not valid percent-encoded UTF-8.');
  }
  if (path.includes('\0')) return refused('The request path holds a NUL character.');
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) return refused('The request path holds a "." or ".." segment.');
  return { kind: 'path', path, query };
}

function percentEncodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

function refused(message: string): RequestTarget {
  return { kind: 'refused', message };
}
