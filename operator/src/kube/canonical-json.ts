/**
 * JSON that is the same text for the same value: keys sorted, `undefined` members left out. Lists keep their order. Used to
 * hash and to compare manifests; throws TypeError on what JSON cannot hold (functions, bigint, NaN).
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      return canonicalMap(value as Record<string, unknown>);
  }
  throw new TypeError(`${String(value)} has no JSON form`);
}

/** In a loop, for this is the operator's most frequent work of its own. */
function canonicalMap(value: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
