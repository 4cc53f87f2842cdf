import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface Answer {
  status: number;
  /** Field lines in order, names as they were sent. */
  lines: [name: string, value: string][];
  body: Buffer;
  /** Value of a field by its name, whatever its case; several lines are joined by ", ". */
  field(name: string): string | undefined;
}

export interface Question {
  method?: string;
  /** A field with several values is sent as several lines. */
  headers?: Record<string, string | string[]>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Asks a server on loopback. The target is sent as it is. */
export function ask(
  port: number,
  target: string,
  { method = 'GET', headers = {} }: Question = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const lines: Answer['lines'] = [];
        for (let i = 0; i < response.rawHeaders.length; i += 2)
          lines.push([response.rawHeaders[i] ?? '', response.rawHeaders[i + 1] ?? '']);
        resolve({
          status: response.statusCode ?? 0,
          lines,
          body: Buffer.concat(chunks),
          field: (name) => valueIn(lines, name),
        });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function valueIn(lines: Answer['lines'], name: string): string | undefined {
  const values = lines
    .filter(([each]) => each.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
  return values.length > 0 ? values.join(', ') : undefined;
}

/**
 * Sends bytes to a server on loopback and resolves with all that it says, as Latin-1, once it closes the connection. For requests that no
 * client library would send.
 */
export function converse(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let said = '';
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      said += data;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
    socket.write(text, 'latin1');
  });
}
