import { expect, test } from 'vitest';
import { readTraceContext } from './trace-context.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

test.each([
  `00-${ID}-${PARENT}-01`,
  `00-${ID}-${PARENT}-00`,
  `cc-${ID}-${PARENT}-01`,
  `cc-${ID}-${PARENT}-01-what-comes-later`,
])('%s is passed on as it is', (traceparent) => {
  expect(readTraceContext({ traceparent })).toEqual({
    traceId: ID,
    parentId: PARENT,
    sampled: traceparent.slice(53, 55) === '01',
    state: undefined,
    headers: ['traceparent', traceparent],
  });
});

test.each([
  undefined,
  '',
  `ff-${ID}-${PARENT}-01`,
  `00-${'0'.repeat(32)}-${PARENT}-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID.toUpperCase()}-${PARENT}-01`,
  `00-${ID}-${PARENT}`,
  `00-${ID}-${PARENT}-1`,
  `00-${ID}-${PARENT}-01-more`,
  `cc-${ID}-${PARENT}-01x`,
  `00-${ID}-${PARENT}-01, 00-${ID}-${PARENT}-01`,
])('%s is none', (traceparent) => {
  expect(readTraceContext({ traceparent, tracestate: 'a=b' })).toBeUndefined();
});

test('the state goes along, unless it is too long or not ASCII', () => {
  const traceparent = `00-${ID}-${PARENT}-01`;
  const passedOn = (tracestate: string) => readTraceContext({ traceparent, tracestate })?.headers.slice(2);
  expect(passedOn('a=b,c=d')).toEqual(['tracestate', 'a=b,c=d']);
  expect(passedOn('x'.repeat(512))).toEqual(['tracestate', 'x'.repeat(512)]);
  expect(passedOn('x'.repeat(513))).toEqual([]);
  expect(passedOn('a=ü')).toEqual([]);
});
