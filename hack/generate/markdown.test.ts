import { expect, test } from 'vitest';
import { code, table } from './markdown.ts';

test('no text breaks out of its cell', () => {
  expect(table(['a|b'], [['one\ntwo']])).toBe('| a\\|b |\n| --- |\n| one two |');
});

test.each([
  ['plain', '`plain`'],
  ['a `b` c', '``a `b` c``'],
  ['`a', '`` `a ``'],
])('code %s', (text, expected) => {
  expect(code(text)).toBe(expected);
});
