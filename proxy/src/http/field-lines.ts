/** Field lines of a message, as alternating names and values. */
export type FieldLines = readonly string[];

/** The lines, and those of `extra` that say nothing which they say already. */
export function merge(lines: FieldLines, extra: FieldLines): string[] {
  const merged = [...lines];
  addAbsent(merged, extra);
  return merged;
}

/**
 * Adds lines whose names are not there yet. Vary is always added: it is a list, and each line says something of its own
 * (RFC 9110 §5.3).
 */
export function addAbsent(lines: string[], extra: FieldLines): void {
  if (extra.length === 0) return;
  const present = new Set<string>();
  for (let i = 0; i < lines.length; i += 2) present.add(lines[i]?.toLowerCase() ?? '');
  for (let i = 0; i < extra.length; i += 2) {
    const [name = '', value = ''] = [extra[i], extra[i + 1]];
    if (name.toLowerCase() === 'vary' || !present.has(name.toLowerCase())) lines.push(name, value);
  }
}
