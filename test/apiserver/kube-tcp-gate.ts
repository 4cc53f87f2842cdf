import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that a test can spoil. */
export interface TcpGate {
  readonly port: number;
  /** While frozen, bytes are swallowed in both directions and new connections hang, as behind a firewall that drops packets. */
  frozen: boolean;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function openTcpGate(target: { host: string; port: number }): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  function track(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  }
  const server = createServer((inside) => {
    track(inside);
    if (gate.frozen) return;
    const outside = track(connect(target.port, target.host));
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      from.on('data', (chunk) => {
        if (!gate.frozen) to.write(chunk);
      });
      from.once('close', () => {
        if (!gate.frozen) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gate: TcpGate = {
    port: (server.address() as AddressInfo).port,
    frozen: false,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      gate.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gate;
}
