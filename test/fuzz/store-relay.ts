import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a store that counts what goes wrong there. */
export interface StoreRelay {
  readonly port: number;
  /** Answers with a 5xx so far. */
  failures: () => number;
  stop(): Promise<void>;
}

/** @param storePort on loopback */
export async function startStoreRelay(storePort: number): Promise<StoreRelay> {
  const sockets = new Set<Socket>();
  let failures = 0;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: storePort, host: '127.0.0.1', noDelay: true });
    // The proxy sends a request when the answer before is there, so the first bytes after it are an answer's.
    let expectsAnswer = false;
    near.on('data', () => {
      expectsAnswer = true;
    });
    far.on('data', (chunk: Buffer) => {
      if (expectsAnswer && chunk.toString('latin1', 9, 10) === '5') failures += 1;
      expectsAnswer = false;
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    failures: () => failures,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
