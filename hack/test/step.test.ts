import { expect, it } from 'vitest';
import { selectSteps, steps } from './step.ts';

it('takes every step where none is named', () => {
  expect(selectSteps([])).toBe(steps);
});

it('keeps the order of the steps, whatever the order of the names', () => {
  expect(selectSteps(['unit', 'typecheck']).map(({ name }) => name)).toEqual(['typecheck', 'unit']);
});

it('names the unknown step and the known ones', () => {
  expect(() => selectSteps(['unit', 'nope'])).toThrow(
    /No such step: nope\. The steps are: typecheck, .*e2e\./,
  );
});
