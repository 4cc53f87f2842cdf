const DIRECTIVE = /([!#$%&'*+.^_`|~0-9a-z-]+)(?:[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^\t ,"]*)))?/gi;

/**
 * Reads the directives of Cache-Control (RFC 9111 §5.2) by lower-case name; one without a value has an empty one. Of a repeated
 * directive the first counts (§4.2.1).
 */
export function parseCacheControl(header: string | undefined): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  if (header === undefined) return directives;
  for (const [, name = '', quoted, plain] of header.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? '');
  }
  return directives;
}
