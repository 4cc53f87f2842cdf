import { Worker } from 'node:worker_threads';
import { PASSWORD_THREAD, type PasswordAnswer, type PasswordQuestion } from './password-thread.ts';

/** Checks passwords; a hash is meant to be slow, so this takes tens of milliseconds. */
export interface PasswordChecker {
  /** @throws Error when too many checks are waiting already, or the thread ended */
  matches(password: string, hash: string): Promise<boolean>;
}

/** More checks than this are not kept waiting: at 50 ms each, the last would take seconds. */
const MAX_WAITING = 64;

/** The thread is ended after this long (milliseconds) without work, and its memory given back. */
const IDLE_MS = 10_000;

interface Waiting {
  resolve(matches: boolean): void;
  reject(error: Error): void;
}

export class TooManyChecksError extends Error {}

/**
 * Checks passwords on a thread of their own, so that a slow hash holds up nobody else's bytes. The thread is started when it is first
 * needed.
 */
export class ThreadedPasswordChecker implements PasswordChecker {
  readonly #program: URL;
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;

  /** @param program the program's entry file, which starts the thread's part when told so */
  constructor(program: URL) {
    this.#program = program;
  }

  matches(password: string, hash: string): Promise<boolean> {
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(new TooManyChecksError('too many password checks'));
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      const question: PasswordQuestion = { id, password, hash };
      this.#running().postMessage(question);
    });
  }

  /** Ends the thread, and fails what waits for it; it is started anew when it is needed again. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    if (!thread) return;
    this.#lose(thread, new Error('the password thread was stopped'));
    await thread.terminate();
  }

  #running(): Worker {
    if (this.#thread) return this.#thread;
    const thread = new Worker(this.#program, {
      workerData: PASSWORD_THREAD,
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
    });
    thread.unref();
    thread.on('message', ({ id, matches }: PasswordAnswer) => {
      this.#waiting.get(id)?.resolve(matches);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.stop(), IDLE_MS).unref();
    });
    thread.on('error', (cause) => this.#lose(thread, new Error('the password thread failed', { cause })));
    thread.on('exit', () => this.#lose(thread, new Error('the password thread ended')));
    this.#thread = thread;
    return thread;
  }

  /** Fails what waits for this thread; one that was given up before has nothing to do with those who wait now. */
  #lose(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
