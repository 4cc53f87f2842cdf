import { createHash } from 'node:crypto';
import { get } from 'node:http';
import type { StoredObject } from './store.ts';

const TIMEOUT_MS = 60_000;

/**
 * Gets an object once and compares its bytes.
 * @returns size in bytes of the response's head
 * @throws Error when the status is not 200 or the SHA-256 differs
 */
export function verify(url: string, object: StoredObject, timeoutMs = TIMEOUT_MS): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      const hash = createHash('sha256');
      response.once('error', reject);
      response.on('data', (chunk: Buffer) => hash.update(chunk));
      response.once('end', () => {
        if (response.statusCode !== 200)
          return reject(new Error(`${object.key} answers ${response.statusCode}`));
        const actual = hash.digest('hex');
        if (actual !== object.sha256)
          return reject(new Error(`${object.key} has SHA-256 ${actual}, not ${object.sha256}`));
        resolve(headBytes(response.statusMessage ?? '', response.rawHeaders));
      });
    });
    request.once('timeout', () =>
      request.destroy(new Error(`${object.key} does not come within ${timeoutMs} ms`)),
    );
    request.once('error', reject);
  });
}

function headBytes(reason: string, rawHeaders: readonly string[]): number {
  // "HTTP/1.1 200 ", ": " and line end for each header, and the empty line.
  return 13 + reason.length + 2 + rawHeaders.join('').length + rawHeaders.length * 2 + 2;
}
