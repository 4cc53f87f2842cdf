import { describe, expect, it } from 'vitest';
import { failuresOfVitest, sum, summaryLine, tallyOfCommand, tallyOfVitest } from './tally.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});
const report = (...testResults: object[]) => JSON.stringify({ testResults });

describe('tallyOfVitest', () => {
  it('counts each test', () => {
    const text = report(
      file('passed', 'passed', 'passed', 'skipped'),
      file('failed', 'failed', 'passed', 'todo'),
    );
    expect(tallyOfVitest({ code: 1 }, text)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(tallyOfVitest({ code: 1 }, report(file('failed'), file('passed', 'passed')))).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts a file whose hook failed after its tests passed', () => {
    expect(tallyOfVitest({ code: 1 }, report(file('failed', 'passed')))).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });

  it.each([
    ['no report', 1, undefined],
    ['no report though it ended well', 0, undefined],
    ['a report cut off', 1, '{"testResults":[{"sta'],
    ['a report of another shape', 0, '{"tests":3}'],
    ['not a single test', 0, report()],
    ['nothing but skipped tests', 0, report(file('passed', 'skipped'))],
  ])('counts %s as a failure', (_, code, text) => {
    expect(tallyOfVitest({ code }, text)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts an error outside of the tests as a failure', () => {
    expect(tallyOfVitest({ code: 1 }, report(file('passed', 'passed', 'passed')))).toMatchObject({
      passed: 2,
      failed: 1,
    });
  });
});

describe('tallyOfCommand', () => {
  it('counts the command as one', () => {
    expect(tallyOfCommand({ code: 0 })).toMatchObject({ passed: 1, failed: 0 });
    expect(tallyOfCommand({ code: 2 })).toMatchObject({ passed: 0, failed: 1 });
  });
});

it('sums up into one line', () => {
  const total = sum([
    { passed: 3, failed: 1, skipped: 2 },
    { passed: 4, failed: 0, skipped: 0 },
  ]);
  expect(total).toEqual({ passed: 7, failed: 1, skipped: 2 });
  expect(summaryLine(total)).toBe('7 passed, 1 failed');
});

describe('failuresOfVitest', () => {
  it('names file, test and the first line of the reason', () => {
    const text = report({
      name: '/somewhere/test/ring.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'the ring is round' },
        {
          status: 'failed',
          fullName: 'the ring shines',
          failureMessages: ['Error: dull\n    at ring.test.ts:3'],
        },
      ],
    });
    expect(failuresOfVitest(text)).toEqual(['ring.test.ts: the ring shines: Error: dull']);
  });

  it('names a file that could not be loaded', () => {
    const text = report({
      name: '/a/b.test.ts',
      status: 'failed',
      message: 'No such module\nmore',
      assertionResults: [],
    });
    expect(failuresOfVitest(text)).toEqual(['b.test.ts: No such module']);
  });

  it.each([undefined, '{"testRes', report(file('passed', 'passed'))])('is silent without one: %s', (text) => {
    expect(failuresOfVitest(text)).toEqual([]);
  });
});
