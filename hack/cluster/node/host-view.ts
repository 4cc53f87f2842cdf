import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ROOT } from './configuration.ts';

/**
 * What the machine sees of the host's file systems. It runs the host's programs, but what the node writes outside of its own
 * directory must end with it. To be called inside the machine's mount namespace only.
 */
export function mountHostView(directory: string): void {
  // Pods' mounts must reach their containers; nothing reaches the host, whose mounts are not of this group.
  mount('--make-rshared', '/');
  mountTemporary('/run');
  for (const path of ['node', 'lock', 'netns']) mkdirSync(join('/run', path), { recursive: true });
  for (const path of ['node', 'pod-logs', 's3']) mkdirSync(join(directory, path), { recursive: true });
  mount('--bind', join(directory, 'node'), NODE_ROOT);
  // The kubelet writes container logs below /var/log.
  mount('--bind', join(directory, 'pod-logs'), '/var/log');
  coverVarLib();
  pinKernelTunables();
}

/** Folders that a cluster's own directory cannot be in: the machine sees other ones in their place. */
export const HIDDEN = ['/run', '/var/run', '/var/log', '/proc', '/sys', '/dev'];

function mount(...args: string[]): void {
  execFileSync('mount', args);
}

function mountTemporary(path: string): void {
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path);
}

/** The kubelet and CNI keep files in folders of /var/lib that cannot be configured. All else in it stays as it is. */
function coverVarLib(): void {
  const path = '/var/lib';
  const own = new Set(['kubelet', 'cni', 'containerd']);
  const original = '/run/host-var-lib';
  mkdirSync(original);
  mount('--rbind', path, original);
  mountTemporary(path);
  for (const name of readdirSync(original)) {
    const [from, to] = [join(original, name), join(path, name)];
    const stat = lstatSync(from);
    if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (stat.isDirectory()) {
      mkdirSync(to);
      if (!own.has(name)) mount('--rbind', from, to);
    }
  }
}

/** The kubelet sets these for the whole host, unless it finds them so. It finds files with its values in their place. */
const KERNEL_TUNABLES = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

function pinKernelTunables(): void {
  for (const [name, value] of Object.entries(KERNEL_TUNABLES)) {
    const file = join('/run', name.replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    mount('--bind', file, join('/proc/sys', name));
  }
}
