// Values of command lines. Each function throws an Error that names the option where its text is no such value.

/** A whole number from 1 on. */
export function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${option}: "${text}" is no whole number from 1 on`);
  return value;
}

/** One of the known names. */
export function oneOf<T extends string>(option: string, known: readonly T[], name: string): T {
  const found = known.find((each) => each === name);
  if (found === undefined) throw new Error(`${option}: there is no "${name}"; known are ${known.join(', ')}`);
  return found;
}

/** How many processors a list like `0,2-3` names. */
export function countProcessors(list: string): number {
  const ranges = list.split(',').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part));
  return ranges.reduce((total, range) => {
    const first = Number(range?.[1] ?? Number.NaN);
    const size = Number(range?.[2] ?? first) - first + 1;
    if (!(size >= 1))
      throw new Error(`--processors: "${list}" is no list of processors; give one like 0,1 or 2-3`);
    return total + size;
  }, 0);
}
