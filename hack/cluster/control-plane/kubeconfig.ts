import { readFile, writeFile } from 'node:fs/promises';
import type { CertificateFiles } from './certificates.ts';

/** Writes a kubeconfig with everything inside, so that it works from any place. */
export async function writeKubeconfig(
  path: string,
  server: string,
  ca: string,
  client: CertificateFiles,
): Promise<string> {
  const base64 = async (file: string): Promise<string> => (await readFile(file)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'local',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': await base64(ca) } }],
    users: [
      {
        name: 'local',
        user: {
          'client-certificate-data': await base64(client.cert),
          'client-key-data': await base64(client.key),
        },
      },
    ],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local' } }],
  };
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return path;
}
