import { describe, expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

function throttleAt(start = 1000) {
  let now = start;
  const throttle = new Throttle(() => now);
  const fail = (client: string) => {
    const wait = throttle.begin(client);
    if (wait === 0) throttle.end(client, true);
    return wait;
  };
  return {
    throttle,
    fail,
    pass(seconds: number) {
      now += seconds * 1000;
    },
  };
}

describe('a client that gives wrong passwords', () => {
  test('may err five times, then waits longer each time, up to a minute', () => {
    const { fail, pass } = throttleAt();
    for (let i = 0; i < 5; i++) expect(fail('a')).toBe(0);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      expect(fail('a')).toBe(0);
      const wait = fail('a');
      waits.push(wait);
      pass(wait - 0.001);
      expect(fail('a')).toBe(1);
      pass(0.001);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('costs others nothing', () => {
    const { fail } = throttleAt();
    for (let i = 0; i < 10; i++) fail('a');
    expect(fail('a')).toBe(1);
    expect(fail('b')).toBe(0);
  });

  test('is forgotten after a quarter of an hour without another one', () => {
    const { fail, pass } = throttleAt();
    for (let i = 0; i < 6; i++) fail('a');
    pass(15 * 60 + 1);
    for (let i = 0; i < 6; i++) expect(fail('a')).toBe(0);
    expect(fail('a')).toBe(1);
  });

  test('gains nothing by trying many at once', () => {
    const { throttle, pass } = throttleAt();
    const begun = Array.from({ length: 20 }, () => throttle.begin('a'));
    expect(begun.filter((wait) => wait === 0)).toHaveLength(5);
    expect(begun.filter((wait) => wait === 1)).toHaveLength(15);
    for (let i = 0; i < 5; i++) throttle.end('a', true);
    // Now that five have failed, one at a time.
    expect([throttle.begin('a'), throttle.begin('a')]).toEqual([0, 1]);
    throttle.end('a', true);
    pass(1);
    expect([throttle.begin('a'), throttle.begin('a')]).toEqual([0, 1]);
  });
});

test('right passwords are never slowed', () => {
  const { throttle } = throttleAt();
  for (let i = 0; i < 50; i++) {
    expect(throttle.begin('a')).toBe(0);
    throttle.end('a', false);
  }
});
