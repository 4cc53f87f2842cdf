import type { ServerResponse } from 'node:http';
import type { Body } from './s3/body.ts';

/**
 * Sends a body whose Content-Length is announced already. If it breaks off for good, the connection is cut, so that the client
 * sees a failure and never a short body that looks whole.
 */
export function sendBody(response: ServerResponse, body: Body): void {
  const whole = body.takeWhole();
  if (whole && whole.length <= 1) {
    response.end(whole[0]);
    return;
  }
  response.on('drain', () => body.resume());
  body.pipe({
    write: (chunk) => response.write(chunk),
    end: () => {
      response.end();
    },
    fail: (error) => {
      response.destroy(error);
    },
  });
}
