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
      return `{${Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
        .join(',')}}`;
  }
  throw new TypeError(`${String(value)} has no JSON form`);
}
