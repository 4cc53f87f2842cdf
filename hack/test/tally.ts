import { basename } from 'node:path';
import { z } from 'zod';

/** How many tests passed and failed. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** How a step's process ended. */
export interface Ending {
  /** 0 only where the process ended by itself and well. */
  code: number;
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string().optional(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string().optional(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** A step without tests of its own counts as one. */
export function tallyOfCommand({ code }: Ending): Tally {
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * Counts a Vitest run. A file that failed without a failed test (it could not be loaded, a hook threw) counts as one
 * failure, and so does a run that ended badly with nothing else to show for it, or ended well without a single test.
 * @param report text of the file that Vitest's `json` reporter wrote, undefined where there is none
 */
export function tallyOfVitest({ code }: Ending, report: string | undefined): Tally {
  const files = parseReport(report);
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of files ?? []) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    tally.passed += passed;
    tally.failed += failed === 0 && status === 'failed' ? 1 : failed;
    tally.skipped += assertionResults.length - passed - failed;
  }
  const ended = code === 0 && tally.passed > 0;
  if (!ended && tally.failed === 0) tally.failed = 1;
  return tally;
}

/**
 * One line for each failed test of a Vitest run: file, name and the first line of why, so that the end of a long log tells what to
 * look at.
 * @param report text of the file that Vitest's `json` reporter wrote, undefined where there is none
 */
export function failuresOfVitest(report: string | undefined): string[] {
  return (parseReport(report) ?? []).flatMap(({ name = '', status, message = '', assertionResults }) => {
    const file = basename(name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map(
      ({ fullName = '', failureMessages }) =>
        `${file}: ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
    );
  });
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function parseReport(report: string | undefined): z.output<typeof vitestReport>['testResults'] | undefined {
  if (report === undefined) return undefined;
  try {
    return vitestReport.parse(JSON.parse(report)).testResults;
  } catch {
    // Cut off in the middle of writing: the run crashed, which its exit code says too.
    return undefined;
  }
}

/** The sum of several tallies. */
export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, tally) => ({
      passed: total.passed + tally.passed,
      failed: total.failed + tally.failed,
      skipped: total.skipped + tally.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The line that ends a test run: `N passed, N failed`. */
export function summaryLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}
