import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../listen.ts';

/** One answer of the store, as a test writes it. */
export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** What the store was asked. */
export interface StoreQuestion {
  method: string;
  /** Raw path, the bucket included. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

/** A script: one function for all requests. One that writes the response itself returns nothing. */
export type StoreScript = (
  question: StoreQuestion,
  response: ServerResponse,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

export interface ScriptedStore {
  endpoint: string;
  /** All that it was asked, in order. */
  questions: StoreQuestion[];
  follow(script: StoreScript): void;
  close(): Promise<void>;
}

/** An S3 endpoint that says what a test tells it to: for answers that a real store gives only now and then. */
export async function startScriptedStore(script: StoreScript): Promise<ScriptedStore> {
  let current = script;
  const questions: StoreQuestion[] = [];
  const server = createServer(async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const question = {
      method: request.method ?? '',
      path,
      query: new URLSearchParams(query),
      headers: request.headers,
    };
    questions.push(question);
    const answer = await current(question, response);
    if (!answer) return;
    const { status, headers = {}, body = '' } = answer;
    response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    questions,
    follow(next) {
      current = next;
      questions.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An S3 error as the store writes it (S3 API, error responses), with what must never get out. */
export function storeError(status: number, code: string, inside = ''): ScriptedAnswer {
  return {
    status,
    headers: {
      'Content-Type': 'application/xml',
      'x-amz-request-id': 'REQUEST-ID',
      'x-amz-id-2': 'HOST-ID',
    },
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>of bucket-name</Message>${inside}<BucketName>bucket-name</BucketName><RequestId>REQUEST-ID</RequestId><HostId>HOST-ID</HostId></Error>`,
  };
}
