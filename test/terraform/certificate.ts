import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { mustRun } from './processes.ts';

/** Makes a self-signed certificate for these host names or addresses, valid for two days; it is its own authority. */
export async function makeCertificate(
  certificate: string,
  key: string,
  names: readonly [string, ...string[]],
): Promise<void> {
  await Promise.all([certificate, key].map((file) => mkdir(dirname(file), { recursive: true })));
  await mustRun('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...[
      '-subj',
      `/CN=${names[0]}`,
      '-addext',
      `subjectAltName=${names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',')}`,
    ],
    ...['-keyout', key, '-out', certificate],
  ]);
}
