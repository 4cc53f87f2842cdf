import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { freePorts, isFree } from './free-port.ts';

const portsSchema = z.object({ api: z.number(), etcd: z.number(), etcdPeer: z.number() });

export type Ports = z.output<typeof portsSchema>;

/** The ports of before, so that a kubeconfig stays good, unless somebody else has one by now; else free ones. */
export async function loadPorts(directory: string, address: string, apiPort?: number): Promise<Ports> {
  const file = join(directory, 'ports.json');
  const text = await readFile(file, 'utf8').catch(() => 'null');
  const { data: before } = portsSchema.nullable().safeParse(JSON.parse(text));
  const fits = before != null && (apiPort === undefined || before.api === apiPort);
  if (fits && (await areFree(before, address))) return before;
  const [api = 0, etcd = 0, etcdPeer = 0] = await freePorts(3);
  const ports: Ports = { api: apiPort ?? api, etcd, etcdPeer };
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

async function areFree({ api, etcd, etcdPeer }: Ports, address: string): Promise<boolean> {
  const free = await Promise.all([
    isFree(api, address),
    isFree(etcd, '127.0.0.1'),
    isFree(etcdPeer, '127.0.0.1'),
  ]);
  return free.every(Boolean);
}
