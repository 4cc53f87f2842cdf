import { parentPort } from 'node:worker_threads';
import { verifyPassword } from './password.ts';

export interface PasswordQuestion {
  id: number;
  password: string;
  hash: string;
}

export interface PasswordAnswer {
  id: number;
  matches: boolean;
}

/** Tells the program that it was started as this thread. */
export const PASSWORD_THREAD = 's3proxy-passwords';

/** Answers questions until the thread is ended. */
export function runPasswordThread(): void {
  parentPort?.on('message', async ({ id, password, hash }: PasswordQuestion) => {
    const answer: PasswordAnswer = { id, matches: await verifyPassword(password, hash) };
    parentPort?.postMessage(answer);
  });
}
