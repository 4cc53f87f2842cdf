import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface AuditEntry {
  verb: string;
  user: { username: string };
  objectRef?: { resource?: string; namespace?: string; name?: string; subresource?: string };
  requestReceivedTimestamp: string;
}

const READS = new Set(['get', 'list', 'watch']);

/** What the API server logged of one user since a time, writes alone. */
export async function writesSince(directory: string, username: string, since: Date): Promise<AuditEntry[]> {
  const text = await readFile(join(directory, 'cluster', 'logs', 'audit.log'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes(username))
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(({ verb }) => !READS.has(verb))
    .filter(({ user }) => user.username === username)
    .filter(({ requestReceivedTimestamp }) => new Date(requestReceivedTimestamp) >= since);
}
