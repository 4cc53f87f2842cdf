import type { ServerResponse } from 'node:http';
import type { Body } from './s3/body.ts';

/**
 * Sends a body whose Content-Length is announced already, and ends the response. If it breaks off for good, the connection is cut, so that
 * the client sees a failure and never a short body that looks whole.
 */
export function sendBody(response: ServerResponse, body: Body): void {
  const whole = body.takeWhole();
  if (whole !== undefined && whole.length <= 1) response.end(whole[0], () => body.release());
  else pump(response, body, () => response.end());
}

/** Sends a body as a part of the response; resolves when all of it has been handed over. A body that breaks off cuts the connection. */
export function pipeBody(response: ServerResponse, body: Body): Promise<void> {
  return new Promise((resolve) => pump(response, body, resolve));
}

function pump(response: ServerResponse, body: Body, onEnd: () => void): void {
  const onFlushed = () => {
    if (body.paused && response.writableLength === 0) body.resume();
  };
  body.pipe({
    write(chunk) {
      // Uncorking hands the bytes to the kernel at once; what it does not take stays in use until flushed.
      response.cork();
      response.write(chunk, onFlushed);
      response.uncork();
      return response.writableLength === 0;
    },
    end: onEnd,
    fail: (error) => {
      response.destroy(error);
    },
  });
}
