import { expect, test } from 'vitest';
import { NoCredentialsError } from './no-credentials-error.ts';

const failed = (name: string, error: unknown) => ({ name, advice: `Check ${name}.`, error });
const refusal = (name: string, message: string) => Object.assign(new Error(message), { name });

test('says who failed, why and what to do; in short without the words of others', () => {
  const denied = refusal('AccessDenied', 'User: arn:aws:iam::123456789012:user/x is not authorized');
  const error = new NoCredentialsError([failed('The role', denied)]);
  expect(error.message).toBe(
    'The role: AccessDenied: User: arn:aws:iam::123456789012:user/x is not authorized. Check The role.',
  );
  expect(error.summary).toBe('The role failed (AccessDenied). Check The role.');
  expect(error.cause).toBe(denied);
});

test('the last one counts, those before are told', () => {
  const missing = Object.assign(new Error("ENOENT: no such file, open '/token'"), { code: 'ENOENT' });
  const empty = refusal('CredentialsProviderError', 'Could not resolve.\nMore.');
  const error = new NoCredentialsError([failed('The file', empty), failed('The role', missing)]);
  expect(error.message).toBe(
    "The file: Could not resolve; The role: ENOENT: no such file, open '/token'. Check The role.",
  );
  expect(error.summary).toBe('The role failed (ENOENT). Check The role.');
});

test('nobody to ask', () => {
  const error = new NoCredentialsError([]);
  expect(error.message).toMatch(/^No source of credentials is configured\. Set AWS_ACCESS_KEY_ID/);
  expect(error.summary).toBe(error.message);
});
