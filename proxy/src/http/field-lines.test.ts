import { expect, test } from 'vitest';
import { addAbsent, merge } from './field-lines.ts';

test('a name that is there already is left as it is, whatever its case', () => {
  const lines = ['Content-Type', 'text/plain'];
  addAbsent(lines, ['content-type', 'text/html', 'X-A', 'a']);
  expect(lines).toEqual(['Content-Type', 'text/plain', 'X-A', 'a']);
});

test('Vary is a list, so each line counts', () => {
  expect(merge(['Vary', 'Accept'], ['Vary', 'Origin'])).toEqual(['Vary', 'Accept', 'Vary', 'Origin']);
});

test('the lines that are merged stay as they were', () => {
  const lines = ['X-A', 'a'];
  expect(merge(lines, ['X-B', 'b'])).toEqual(['X-A', 'a', 'X-B', 'b']);
  expect(lines).toEqual(['X-A', 'a']);
});
