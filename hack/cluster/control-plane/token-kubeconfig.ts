import { readFile, writeFile } from 'node:fs/promises';

/** Writes the kubeconfig `base` of hack/cluster once more, for whoever has the token. @returns `path` */
export async function writeTokenKubeconfig(path: string, base: string, token: string): Promise<string> {
  const config = JSON.parse(await readFile(base, 'utf8'));
  const users = [{ name: 'local', user: { token } }];
  await writeFile(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return path;
}
