import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';

/** What a client asks for, and what the right answer to it is. */
export interface Download {
  port: number;
  path: string;
  /** The bytes of a whole and right answer. */
  expected: Buffer;
  /** Range header; the answer is a 206 then. */
  range?: string;
}

/** How it ended. There is no fourth way: anything else is a wrong answer, and an error. */
export type Outcome =
  /** All bytes, and the right ones. */
  | { kind: 'whole' }
  /** The client saw the connection break off; what came before was right. */
  | { kind: 'aborted'; received: number }
  /** An error status with a complete answer. */
  | { kind: 'status'; status: number; headers: IncomingMessage['headers']; text: string };

/** A success that is none: the one thing that must never be. */
export class WrongAnswerError extends Error {}

/**
 * Reads an object over a connection of its own.
 * @param pace called for each piece of the body; the next one waits for its promise
 * @throws WrongAnswerError for bytes that are not the object's, and for too few of them in a message that claims to be whole
 */
export async function download(
  { port, path, expected, range }: Download,
  pace?: (received: number) => Promise<void>,
): Promise<Outcome> {
  const response = await answer(port, path, range);
  if (response === undefined) return { kind: 'aborted', received: 0 };
  const status = response.statusCode ?? 0;
  if (status !== 200 && status !== 206) {
    const text = await readText(response);
    return text === undefined
      ? { kind: 'aborted', received: 0 }
      : { kind: 'status', status, headers: response.headers, text };
  }
  if ((status === 206) !== (range !== undefined)) throw new WrongAnswerError(`${path}: status ${status}`);
  let received = 0;
  const hash = createHash('sha256');
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (!expected.subarray(received, received + chunk.length).equals(chunk))
        throw new WrongAnswerError(`${path}: wrong bytes in ${received}–${received + chunk.length}`);
      hash.update(chunk);
      received += chunk.length;
      await pace?.(received);
    }
  } catch (error) {
    if (error instanceof WrongAnswerError) throw error;
    return { kind: 'aborted', received };
  }
  if (!response.complete) return { kind: 'aborted', received };
  if (hash.digest('hex') !== createHash('sha256').update(expected).digest('hex'))
    throw new WrongAnswerError(`${path}: whole by its framing, but ${received} of ${expected.length} bytes`);
  return { kind: 'whole' };
}

/** The head of the answer; undefined when the connection broke before it was there. */
function answer(port: number, path: string, range: string | undefined): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, agent: false, headers: range === undefined ? {} : { range } },
      resolve,
    );
    outgoing.on('error', () => resolve(undefined));
    outgoing.end();
  });
}

async function readText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return response.complete ? Buffer.concat(chunks).toString('utf8') : undefined;
}
