import { command } from '../command.ts';

/** The machine's place in the host's network: one pair of virtual interfaces and a /30 of addresses. */
export interface MachineNetwork {
  hostInterface: string;
  hostAddress: string;
  address: string;
}

/** The machine's own end of the pair. */
const INTERFACE = 'eth0';
const NETWORK = '10.213';

/**
 * Addresses for a machine that nobody on this host has, by preference those that its name leads to.
 * @param id at least two hexadecimal digits
 * @param routes what `ip -4 route` lists
 */
export function chooseNetwork(id: string, routes: string): MachineNetwork {
  const first = Number.parseInt(id.slice(0, 2), 16);
  for (let offset = 0; offset < 256; offset += 1) {
    const prefix = `${NETWORK}.${(first + offset) % 256}`;
    if (isTaken(prefix, routes)) continue;
    return { hostInterface: `s3p${id}`, hostAddress: `${prefix}.1`, address: `${prefix}.2` };
  }
  throw new Error(
    `no free network below ${NETWORK}.0.0/16: stop other local clusters first ("ip link" lists them)`,
  );
}

/** The machine's addresses of before, unless somebody else has them by now. */
export function keepNetwork(before: MachineNetwork, id: string, routes: string): MachineNetwork {
  const prefix = before.address.slice(0, before.address.lastIndexOf('.'));
  return isTaken(prefix, routes) ? chooseNetwork(id, routes) : before;
}

function isTaken(prefix: string, routes: string): boolean {
  return routes.split(/\s+/).some((word) => word.startsWith(`${prefix}.`));
}

export function hostRoutes(): Promise<string> {
  return command('ip', ['-4', 'route', 'show', 'table', 'all']);
}

/** Gives the machine its interface, from the host's side. The pair is gone with the machine's namespace. */
export async function connectHost(network: MachineNetwork, pid: number): Promise<void> {
  const { hostInterface, hostAddress } = network;
  const pair = ['type', 'veth', 'peer', 'name', INTERFACE, 'netns', String(pid)];
  await command('ip', ['link', 'add', hostInterface, ...pair]);
  await command('ip', ['address', 'add', `${hostAddress}/30`, 'dev', hostInterface]);
  await command('ip', ['link', 'set', hostInterface, 'up']);
}

/** Removes the host's side at once, if it is there: the kernel takes a moment. */
export async function disconnectHost({ hostInterface }: MachineNetwork): Promise<void> {
  await command('ip', ['link', 'delete', hostInterface]).catch(() => undefined);
}

/** Sets the interface up, from inside the machine, where `connectHost` made it. */
export async function configureInterface({ hostAddress, address }: MachineNetwork): Promise<void> {
  await command('ip', ['link', 'set', 'lo', 'up']);
  await command('ip', ['address', 'add', `${address}/30`, 'dev', INTERFACE]);
  await command('ip', ['link', 'set', INTERFACE, 'up']);
  await command('ip', ['route', 'add', 'default', 'via', hostAddress]);
}

/** Whether this process is in a machine that `connectHost` has reached. */
export async function isConnected(): Promise<boolean> {
  return command('ip', ['link', 'show', INTERFACE]).then(
    () => true,
    () => false,
  );
}
