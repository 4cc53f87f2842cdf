/** One part of the project's test run. */
export interface Step {
  name: string;
  /** A program found on PATH and its arguments. */
  command: readonly [string, ...string[]];
  /** After so many minutes the step is ended and counts as failed. */
  limitMinutes: number;
  /** Whether it is a Vitest run, whose tests are counted one by one; else the step counts as one. */
  vitest: boolean;
}

const vitest = (name: string, limitMinutes: number, ...selection: string[]): Step => ({
  name,
  command: ['vitest', 'run', ...selection],
  limitMinutes,
  vitest: true,
});

const npmScript = (name: string, script: string, limitMinutes = 10): Step => ({
  name,
  command: ['npm', 'run', '--silent', script],
  limitMinutes,
  vitest: false,
});

/** In order: what fails fast comes first. The programs come before the tests that run them, which have no patience for a build. */
export const steps: readonly Step[] = [
  npmScript('typecheck', 'typecheck'),
  npmScript('lint', 'lint'),
  npmScript('generated', 'generate:check'),
  vitest('unit', 15, '--project', 'unit'),
  npmScript('programs', 'test:programs', 80),
  npmScript('terraform', 'generate:terraform:check', 20),
  vitest('chart', 10, '--config', 'test/chart/vitest.config.ts'),
  vitest('s3', 10, '--project', 's3'),
  vitest('browser', 10, '--project', 'browser'),
  vitest('faults', 15, '--project', 'faults'),
  vitest('apiserver', 20, '--project', 'apiserver'),
  vitest('e2e', 30, '--project', 'e2e'),
];

/**
 * The steps of the given names, in their own order; all of them where none is named.
 * @throws Error that lists the known names where one is not among them
 */
export function selectSteps(names: readonly string[]): readonly Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = steps.map(({ name }) => name).join(', ');
    throw new Error(`No such step: ${unknown.join(', ')}. The steps are: ${known}.`);
  }
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name));
}
