import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BIT_STRING, element, elementsOf, SEQUENCE } from './der.ts';

test.each([
  [0, '0300'],
  [127, '037f'],
  [128, '038180'],
  [255, '0381ff'],
  [256, '03820100'],
  [65_536, '0383010000'],
])('the length of %d bytes is written in as few as will do', (length, header) => {
  const encoded = element(BIT_STRING, Buffer.alloc(length));
  expect(encoded.subarray(0, header.length / 2).toString('hex')).toBe(header);
  expect(encoded).toHaveLength(header.length / 2 + length);
});

test('the elements of a sequence are those that were put into it', () => {
  const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 255, 256, 65_535, 65_536)), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(lengths, (all) => {
      const elements = all.map((length) => element(BIT_STRING, Buffer.alloc(length, 3)));
      expect(elementsOf(element(SEQUENCE, ...elements))).toEqual(elements);
    }),
  );
});
