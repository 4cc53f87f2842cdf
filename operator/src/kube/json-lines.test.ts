import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLines } from './json-lines.ts';

async function* chunked(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > start) yield bytes.subarray(start, cut);
    start = Math.max(start, cut);
  }
}

async function valuesOf(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of lines) values.push(value);
  return values;
}

describe('jsonLines', () => {
  it('gives back every value however the bytes are cut', async () => {
    const value = fc.record({ text: fc.string({ unit: 'grapheme' }), list: fc.array(fc.integer()) });
    await fc.assert(
      fc.asyncProperty(fc.array(value), fc.array(fc.nat(2000)), async (values, points) => {
        const bytes = Buffer.from(values.map((each) => `${JSON.stringify(each)}\n`).join(''));
        const cuts = points.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b);
        expect(await valuesOf(jsonLines(chunked(bytes, cuts)))).toEqual(values);
      }),
    );
  });

  it('keeps a multi-byte character whole across chunks', async () => {
    const bytes = Buffer.from('"€𝄞"\n');
    const all = Array.from({ length: bytes.length }, (_, index) => index);
    expect(await valuesOf(jsonLines(chunked(bytes, all)))).toEqual(['€𝄞']);
  });

  it('skips blank lines and drops an unfinished last one', async () => {
    expect(await valuesOf(jsonLines(chunked(Buffer.from('\n1\n \n2\n{"a":'), [])))).toEqual([1, 2]);
  });

  it('throws on a line that is not JSON', async () => {
    await expect(valuesOf(jsonLines(chunked(Buffer.from('<html>\n'), [])))).rejects.toThrow(SyntaxError);
  });
});
