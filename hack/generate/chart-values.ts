import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { code, table } from './markdown.ts';

interface Value {
  path: string;
  description: string;
  byDefault: unknown;
}

/** What begins a comment that helm-docs reads. */
const MARK = /^ ?-- /;

/**
 * A Markdown table of a chart's values, from comments as helm-docs reads them: "# -- text" above a key. helm-docs itself would be one more
 * Go program to fetch or build before generated files can be checked, for these few lines.
 */
export function valuesTable(valuesYaml: string): string {
  const document = parseDocument(valuesYaml);
  if (!isMap(document.contents)) throw new Error('The values are not a map.');
  return table(
    ['value', 'default', 'what it is'],
    valuesOf(document.contents, '').map(({ path, description, byDefault }) => [
      code(path),
      code(JSON.stringify(byDefault)),
      description,
    ]),
  );
}

/** The described values of a map and of the maps in it; what is in a described value is part of that one. */
function valuesOf(map: YAMLMap, prefix: string): Value[] {
  return map.items.flatMap((pair, index): Value[] => {
    const { key, value } = pair as Pair;
    if (!isScalar(key)) return [];
    const path = `${prefix}${String(key.value)}`;
    // The parser gives the comment above a map's first key to the map.
    const comment = key.commentBefore ?? (index === 0 && prefix !== '' ? map.commentBefore : undefined);
    const description = descriptionIn(comment ?? '');
    if (description !== undefined) return [{ path, description, byDefault: plain(value) }];
    return isMap(value) ? valuesOf(value, `${path}.`) : [];
  });
}

/** The last paragraph of a comment that the mark begins. */
function descriptionIn(comment: string): string | undefined {
  const lines = comment.split('\n');
  const start = lines.findLastIndex((line) => MARK.test(line));
  if (start < 0) return undefined;
  return lines
    .slice(start)
    .map((line) => line.replace(MARK, '').trim())
    .join(' ');
}

function plain(node: unknown): unknown {
  return typeof node === 'object' && node !== null && 'toJSON' in node && typeof node.toJSON === 'function'
    ? node.toJSON()
    : node;
}
