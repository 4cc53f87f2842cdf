import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REASON_PATTERN } from '../api/status.ts';
import { advised } from './bucket-advice.ts';

test('what the proxy says is followed by what to do, in the words of the spec', () => {
  const report = {
    reachable: 'False',
    reason: 'NoSuchBucket',
    message: 'The bucket does not exist.',
  } as const;
  expect(advised(report).message).toMatch(/^The bucket does not exist\. .*spec\.bucket\.name/);
});

test('good news needs no advice', () => {
  const report = { reachable: 'True', reason: 'Reachable', message: 'The bucket answers.' } as const;
  expect(advised(report)).toEqual(report);
});

test('whatever a proxy reports, the API server takes the reason', () => {
  const report = fc.record({
    reachable: fc.constantFrom('True', 'False', 'Unknown'),
    reason: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('toString', 'A'.repeat(2000), 'Some.Code')),
    message: fc.string(),
  });
  fc.assert(
    fc.property(report, (each) => {
      const { reason, reachable } = advised(each);
      expect(reason).toMatch(REASON_PATTERN);
      expect(reason.length).toBeLessThanOrEqual(1024);
      expect(reachable).toBe(each.reachable);
    }),
  );
});
