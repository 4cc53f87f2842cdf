import { mulberry32 } from '../../seeded-random.ts';

/** In [0, 1). */
export type Random = () => number;

/** The same numbers for the same seed. */
export function seeded(seed: number): Random {
  const next = mulberry32(seed);
  return () => next() / 2 ** 32;
}

/** A seed for each text. */
export function seedOf(text: string): number {
  return (
    [...text].reduce((hash, character) => Math.imul(hash, 31) + (character.codePointAt(0) ?? 0), 7) >>> 0
  );
}

/** A copy in another order: the same for the same seed. */
export function seededShuffle<T>(values: readonly T[], seed: number): T[] {
  const random = seeded(seed);
  return values
    .map((value) => ({ value, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
