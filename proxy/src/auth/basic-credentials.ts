/** User and password of a Basic Authorization header. */
export interface BasicCredentials {
  user: string;
  password: string;
}

/** Reads `Authorization: Basic …` (RFC 7617) as UTF-8; undefined for no header, another scheme or a malformed token. */
export function parseBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  const match = header === undefined ? null : /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header);
  if (!match) return undefined;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The challenge of a 401 (RFC 7617 §2): realm as a quoted string, and UTF-8 as the charset that is understood. */
export function basicChallenge(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`;
}
