import { afterEach, expect, test } from 'vitest';
import { ThreadedPasswordChecker, TooManyChecksError } from './password-checker.ts';

const PROGRAM = new URL('../main.ts', import.meta.url);
const HASH = '$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG';

let checkers: ThreadedPasswordChecker[] = [];
afterEach(async () => {
  await Promise.all(checkers.map((checker) => checker.stop()));
  checkers = [];
});

function checker(program = PROGRAM) {
  const made = new ThreadedPasswordChecker(program);
  checkers.push(made);
  return made;
}

test('passwords are checked on another thread, each question with its own answer', async () => {
  const subject = checker();
  const answers = await Promise.all(
    ['pässword', 'wrong', 'pässword', ''].map((password) => subject.matches(password, HASH)),
  );
  expect(answers).toEqual([true, false, true, false]);
});

test('more than 64 at once are turned away', async () => {
  const subject = checker();
  const outcomes = await Promise.allSettled(Array.from({ length: 70 }, () => subject.matches('x', HASH)));
  const refused = outcomes.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(6);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManyChecksError);
});

test('a thread that cannot run fails its questions, and the next one starts another', async () => {
  const subject = checker(new URL('data:text/javascript,throw new Error("broken")'));
  await expect(subject.matches('x', HASH)).rejects.toThrow('the password thread failed');
  await expect(subject.matches('x', HASH)).rejects.toThrow('the password thread failed');
});

test('a thread that was stopped is started again when needed', async () => {
  const subject = checker();
  expect(await subject.matches('pässword', HASH)).toBe(true);
  await subject.stop();
  expect(await subject.matches('pässword', HASH)).toBe(true);
});
