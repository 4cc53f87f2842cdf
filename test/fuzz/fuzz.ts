import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader, FramingError } from './answers.ts';
import { createRequests, type FuzzedRequest } from './requests.ts';

export interface FuzzOptions {
  port: number;
  /** Stops after about so many answers, or so many seconds, whichever comes first. */
  requests: number;
  seconds: number;
  seed: number;
  /** Request paths of what is there. */
  paths: readonly string[];
  /** What no answer may hold. */
  secrets: readonly string[];
  /** How many answers with a 5xx the store is to blame for, so far. */
  storeFailures: () => number;
  /** Told of the progress now and then. */
  onProgress?: (report: FuzzReport) => void;
}

/** A request whose answer is wrong. */
export interface Fault {
  what: string;
  request: string;
  answer: string;
}

export interface FuzzReport {
  /** Requests that were answered. */
  answered: number;
  /** Requests without an answer, because the one before ended the connection. */
  unanswered: number;
  connections: number;
  statuses: Record<string, number>;
  seconds: number;
  /** A few of each kind. */
  faults: Fault[];
}

/** Connections that stay open, with so many requests sent at once on each. */
const CALM_CONNECTIONS = 24;
const DEPTH = 32;
/** Connections for one request, or for one batch of all kinds together. */
const RUDE_CONNECTIONS = 8;
/** One in so many of them is for a batch. */
const WILD = 10;
/** Longer than the proxy takes for anything. */
const ANSWER_MS = 60_000;
/** A request that has no end has no answer either. */
const RUDE_ANSWER_MS = 500;
const PROGRESS_MS = 10_000;
const MOST_FAULTS = 20;

/** Sends requests that nobody should send, and looks at every answer. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const start = performance.now();
  const deadline = start + options.seconds * 1000;
  const report: FuzzReport = {
    answered: 0,
    unanswered: 0,
    connections: 0,
    statuses: {},
    seconds: 0,
    faults: [],
  };
  const secret = new RegExp([...options.secrets.map(literally), '\\r\\nx-amz-', '>Cannot '].join('|'), 'i');
  let serverErrors = 0;

  function addFault(fault: Fault): void {
    if (report.faults.length < MOST_FAULTS) report.faults.push(fault);
  }

  function look({ text: request }: FuzzedRequest, { status, text }: Answer): void {
    report.answered += 1;
    report.statuses[status] = (report.statuses[status] ?? 0) + 1;
    const fault = (what: string) => addFault({ what, request, answer: text.slice(0, 2_000) });
    const found = secret.exec(text);
    if (found) fault(`says ${JSON.stringify(found[0])}`);
    if (status < 500) return;
    serverErrors += 1;
    if (serverErrors > options.storeFailures()) fault('a 5xx that the store did not cause');
  }

  async function ask(
    connection: Conversation,
    batch: readonly FuzzedRequest[],
    limitMs: number,
  ): Promise<void> {
    try {
      const answers = await connection.ask(batch, limitMs);
      for (const [index, answer] of answers.entries()) {
        const request = batch[index];
        if (request) look(request, answer);
      }
      report.unanswered += batch.length - answers.length;
      if (limitMs === ANSWER_MS && answers.length < batch.length && !connection.isOver)
        throw new FramingError(`no answer after ${ANSWER_MS / 1000} s`);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      const request = batch.map(({ text }) => text).join('\n');
      addFault({
        what: error.message,
        request: request.slice(0, 20_000),
        answer: connection.unread.slice(0, 2_000),
      });
      connection.hangUp();
    }
  }

  const wanted = () =>
    report.answered < options.requests && performance.now() < deadline && report.faults.length < MOST_FAULTS;
  const open = () => {
    report.connections += 1;
    return new Conversation(options.port);
  };
  const source = (worker: number) => createRequests(options.seed * 1_000 + worker, options.paths);

  async function beCalm(worker: number): Promise<void> {
    const requests = source(worker);
    let connection = open();
    while (wanted()) {
      if (connection.isOver) connection = open();
      await ask(connection, Array.from({ length: DEPTH }, requests.calm), ANSWER_MS);
    }
    connection.hangUp();
  }

  async function beRude(worker: number): Promise<void> {
    const requests = source(worker);
    for (let turn = 0; wanted(); turn += 1) {
      const connection = open();
      const any = (_: unknown, index: number) => (index % 4 === 3 ? requests.rude() : [requests.calm()]);
      const batch = turn % WILD === 0 ? Array.from({ length: DEPTH }, any).flat() : requests.rude();
      await ask(connection, batch, RUDE_ANSWER_MS);
      connection.hangUp();
    }
  }

  const progress = setInterval(() => {
    report.seconds = (performance.now() - start) / 1000;
    options.onProgress?.(report);
  }, PROGRESS_MS);
  try {
    await Promise.all([
      ...Array.from({ length: CALM_CONNECTIONS }, (_, worker) => beCalm(worker)),
      ...Array.from({ length: RUDE_CONNECTIONS }, (_, worker) => beRude(CALM_CONNECTIONS + worker)),
    ]);
  } finally {
    clearInterval(progress);
  }
  report.seconds = (performance.now() - start) / 1000;
  return report;
}

/** One connection, and what is said on it. */
class Conversation {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #over = false;
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      this.#wake();
    });
    for (const event of ['end', 'close']) {
      this.#socket.on(event, () => {
        this.#over = true;
        this.#reader.end();
        this.#wake();
      });
    }
  }

  /** The peer has ended it. */
  get isOver(): boolean {
    return this.#over;
  }

  get unread(): string {
    return this.#reader.unread;
  }

  /**
   * Sends requests at once and reads the answers: fewer of them when the connection ends before, or the time is up.
   * @throws FramingError for bytes that are no answers
   */
  async ask(requests: readonly FuzzedRequest[], limitMs: number): Promise<Answer[]> {
    this.#socket.write(requests.map(({ text }) => text).join(''), 'latin1');
    const answers: Answer[] = [];
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      this.#wake();
    }, limitMs);
    try {
      while (answers.length < requests.length) {
        const answer = this.#reader.next(requests[answers.length]?.isHead ?? false);
        if (answer) answers.push(answer);
        if (answer?.isLast) this.#over = true;
        if (!answer && late) break;
        if (this.#over && (!answer || answer.isLast)) break;
        if (!answer) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      clearTimeout(limit);
    }
    return answers;
  }

  hangUp(): void {
    this.#over = true;
    this.#socket.destroy();
  }
}

/** A text as a regular expression that matches it alone. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
