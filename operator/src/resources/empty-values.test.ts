import { expect, test } from 'vitest';
import { withoutEmptyLists, withoutEmptyTexts } from './empty-values.ts';

test('empty lists go, at any depth; empty maps that mean something stay', () => {
  const value = {
    labelSelector: { matchLabels: {} },
    a: [],
    b: { c: [], d: {} },
    e: [{ f: [] }, 1],
    g: null,
    h: 'x',
  };
  expect(withoutEmptyLists(value)).toEqual({ labelSelector: {}, b: { d: {} }, e: [{}, 1], g: null, h: 'x' });
});

test('empty texts go', () => {
  expect(withoutEmptyTexts({ key: 'a', value: '', seconds: 0 })).toEqual({ key: 'a', seconds: 0 });
});
