import { command } from '../command.ts';
import { CONTAINERD_SOCKET } from './configuration.ts';
import { systemImages } from './system-images.ts';

/** Loads the images that the node itself needs into containerd, those that it does not have yet. */
export async function importImages(): Promise<void> {
  const images = (...args: string[]): Promise<string> =>
    command('ctr', ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', 'images', ...args]);
  const known = new Set((await images('ls', '-q')).split('\n'));
  for (const { reference, archive } of await systemImages()) {
    if (!known.has(reference)) await images('import', archive);
  }
}
