/** Maps that mean nothing when empty. Others do: an empty selector selects everything. */
const MAPS: ReadonlySet<string> = new Set(['matchLabels', 'nodeSelector']);

/**
 * The value without the empty lists and label maps in it, at any depth. The API server does not keep them, so a manifest that
 * applies one would look changed for ever.
 */
export function withoutEmptyLists<T>(value: T): T {
  if (Array.isArray(value)) return value.map((each) => withoutEmptyLists(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !isEmpty(name, each))
      .map(([name, each]) => [name, withoutEmptyLists(each)]),
  ) as T;
}

function isEmpty(name: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return MAPS.has(name) && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The same for the fields of an object that are empty texts. Not for maps of the user's, such as labels: there "" is a value. */
export function withoutEmptyTexts<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== '')) as T;
}
