import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('everything is measured and written by default', () => {
  expect(readOptions([])).toMatchObject({
    systems: ['limit', 'ours', 'controller-runtime'],
    objects: [1000, 5000],
    concurrency: 16,
    output: 'bench/results/operator.json',
  });
});

test('a part of the numbers is written too, a part of the systems is not', () => {
  expect(readOptions(['--objects', '5000'])?.output).toBe('bench/results/operator.json');
  expect(readOptions(['--systems', 'ours,limit'])).toMatchObject({
    systems: ['ours', 'limit'],
    output: undefined,
  });
  expect(readOptions(['--quick'])).toMatchObject({ objects: [100], output: undefined });
  expect(readOptions(['--quick', '--output', 'x'])?.output).toBe('x');
});

test('a faulty option is named', () => {
  expect(() => readOptions(['--objects', '0'])).toThrow('--objects: "0"');
  expect(() => readOptions(['--systems', 'kopf'])).toThrow('there is no "kopf"');
  expect(() => readOptions(['--rollout', 'minikube'])).toThrow('--rollout: there is no "minikube"');
  expect(() => readOptions(['--processors', '1-'])).toThrow('--processors');
  expect(() => readOptions(['--faster'])).toThrow('--faster');
});

test('help is asked for', () => {
  expect(readOptions(['--help'])).toBeUndefined();
});
