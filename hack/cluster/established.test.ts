import { expect, test } from 'vitest';
import { untilEstablished } from './established.ts';

/** A kubectl that says these, one after the other; undefined is success. */
function kubectl(...answers: (string | undefined)[]) {
  const calls: string[][] = [];
  const run = async (...args: string[]): Promise<void> => {
    calls.push(args);
    const answer = answers.shift();
    if (answer !== undefined) throw new Error(`Command failed: kubectl ${args.join(' ')}\n${answer}`);
  };
  return { calls, run };
}

test('a definition so new that it has no conditions is waited for', async () => {
  const nothing =
    'error: .status.conditions accessor error: <nil> is of the type <nil>, expected []interface{}';
  const { calls, run } = kubectl(nothing, nothing, undefined);
  await untilEstablished(run, 'things.example.com');
  expect(calls).toHaveLength(3);
  expect(calls[0]).toContain('crd/things.example.com');
});

test('any other failure is one', async () => {
  const { calls, run } = kubectl('Error from server (NotFound)');
  await expect(untilEstablished(run, 'things.example.com')).rejects.toThrow('NotFound');
  expect(calls).toHaveLength(1);
});
