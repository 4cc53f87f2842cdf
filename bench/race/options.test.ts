import { expect, test } from 'vitest';
import { countProcessors } from '../option-values.ts';
import { readOptions } from './options.ts';

test('a full run writes its results', () => {
  expect(readOptions([])).toMatchObject({
    pace: { seconds: 2, rounds: 4 },
    connections: [1, 32, 256],
    processorCount: 2,
    output: 'bench/results',
  });
});

test('a part of the race writes nothing unless told to', () => {
  expect(readOptions(['--quick'])?.output).toBeUndefined();
  expect(readOptions(['--systems', 'ours,rclone'])).toMatchObject({
    systems: ['ours', 'rclone'],
    output: undefined,
  });
  expect(readOptions(['--quick', '--output', 'x'])?.output).toBe('x');
});

test('further systems race on request', () => {
  expect(readOptions([])?.systems).not.toContain('envoy');
  expect(readOptions(['--extras'])?.systems).toContain('envoy');
});

test('faulty options are named', () => {
  expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds: "0"');
  expect(() => readOptions(['--systems', 'apache'])).toThrow('there is no "apache"');
  expect(() => readOptions(['--processors', '1-'])).toThrow('--processors');
  expect(() => readOptions(['--faster'])).toThrow('--faster');
});

test('help is not a run', () => {
  expect(readOptions(['--help'])).toBeUndefined();
});

test('processors are counted', () => {
  expect(countProcessors('0,1')).toBe(2);
  expect(countProcessors('0,4-7')).toBe(5);
  expect(countProcessors('3')).toBe(1);
});
