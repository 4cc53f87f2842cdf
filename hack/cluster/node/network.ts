import { createHash } from 'node:crypto';
import { command } from '../command.ts';

/** The machine's place in the host's network: one pair of virtual interfaces and a /30 of addresses. */
export interface MachineNetwork {
  namespace: string;
  hostInterface: string;
  hostAddress: string;
  address: string;
}

/** The network of the machine that lives in `directory`; the same each time, but for its addresses. */
export async function chooseNetwork(directory: string): Promise<MachineNetwork> {
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  const taken = await command('ip', ['-4', 'route', 'show', 'table', 'all']);
  for (let third = 0; third < 64; third += 1) {
    const prefix = `10.213.${(Number.parseInt(id.slice(0, 2), 16) + third) % 256}`;
    if (taken.includes(`${prefix}.`)) continue;
    return {
      namespace: `s3p-${id}`,
      hostInterface: `s3p${id}`,
      hostAddress: `${prefix}.1`,
      address: `${prefix}.2`,
    };
  }
  throw new Error('no free network below 10.213.0.0/16: stop other local clusters first');
}

export async function createNetwork(network: MachineNetwork): Promise<void> {
  const { namespace, hostInterface, hostAddress, address } = network;
  await removeNetwork(network);
  await command('ip', ['netns', 'add', namespace]);
  const inside = (...args: string[]) => command('ip', ['-n', namespace, ...args]);
  await command('ip', [
    'link',
    'add',
    hostInterface,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  ]);
  await command('ip', ['address', 'add', `${hostAddress}/30`, 'dev', hostInterface]);
  await command('ip', ['link', 'set', hostInterface, 'up']);
  await inside('address', 'add', `${address}/30`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('link', 'set', 'lo', 'up');
  await inside('route', 'add', 'default', 'via', hostAddress);
}

/** Removes whatever of it is there. The namespace's interfaces and iptables rules go with it. */
export async function removeNetwork({ namespace, hostInterface }: MachineNetwork): Promise<void> {
  await command('ip', ['link', 'delete', hostInterface]).catch(() => undefined);
  await command('ip', ['netns', 'delete', namespace]).catch(() => undefined);
}
