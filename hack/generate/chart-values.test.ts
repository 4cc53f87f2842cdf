import { expect, test } from 'vitest';
import { valuesTable } from './chart-values.ts';

const rows = (yaml: string): string[] => valuesTable(yaml).split('\n').slice(2);

test('a described value has a row, in the order of the file', () => {
  expect(rows('# -- How many.\nreplicas: 1\n\n# -- Text.\nlevel: info\n')).toEqual([
    '| `replicas` | `1` | How many. |',
    '| `level` | `"info"` | Text. |',
  ]);
});

test('values in a map have their paths, the first one too', () => {
  expect(rows('image:\n  # -- Where.\n  repository: a\n  # -- Which.\n  tag: ""\n')).toEqual([
    '| `image.repository` | `"a"` | Where. |',
    '| `image.tag` | `""` | Which. |',
  ]);
});

test('a described map is one value', () => {
  expect(rows('# -- Limits.\nresources:\n  limits:\n    memory: 1Gi\n')).toEqual([
    '| `resources` | `{"limits":{"memory":"1Gi"}}` | Limits. |',
  ]);
});

test('a description may go over several lines, and other comments are not part of it', () => {
  expect(rows('# About it all.\n\n# -- One\n# sentence.\na: 1\n# no description\nb: 2\n')).toEqual([
    '| `a` | `1` | One sentence. |',
  ]);
});
