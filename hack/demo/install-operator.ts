import { join } from 'node:path';
import type { ProductImage, Program } from '../cluster/images/product-images.ts';
import { step } from '../cluster/progress.ts';
import type { ClusterClient } from './kubectl.ts';

export const RELEASE = 's3proxy-operator';
export const OPERATOR_NAMESPACE = 's3proxy-system';
const CHART = join(import.meta.dirname, '..', '..', 'chart');

/** Installs or upgrades the operator by its chart, and waits until it runs. */
export async function installOperator(
  client: ClusterClient,
  images: Record<Program, Pick<ProductImage, 'reference'>>,
  values: Readonly<Record<string, string | boolean>> = {},
): Promise<void> {
  const [operator, proxy] = [split(images.operator.reference), split(images.proxy.reference)];
  const settings = {
    'image.repository': operator.repository,
    'image.tag': operator.tag,
    'proxyImage.repository': proxy.repository,
    'proxyImage.tag': proxy.tag,
    ...values,
  };
  await step('installing the operator with Helm, and waiting until it runs', () =>
    client.helm(
      ...['upgrade', '--install', RELEASE, CHART, '--namespace', OPERATOR_NAMESPACE, '--create-namespace'],
      ...['--wait', '--timeout', '180s'],
      ...Object.entries(settings).flatMap(([name, value]) => [
        '--set-json',
        `${name}=${JSON.stringify(value)}`,
      ]),
    ),
  );
}

/** Removes the release; done when there is none. */
export async function uninstallOperator(client: ClusterClient): Promise<void> {
  await client.helm('uninstall', RELEASE, '--namespace', OPERATOR_NAMESPACE, '--wait', '--ignore-not-found');
}

/** Repository and tag; the colon of a registry's port is not the tag's. */
function split(reference: string): { repository: string; tag: string } {
  const colon = reference.lastIndexOf(':');
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
