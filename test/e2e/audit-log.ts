import { join } from 'node:path';
import { type AuditEntry, auditEntries } from '../audit-log.ts';

const READS = new Set(['get', 'list', 'watch']);

/** What the API server logged of one user since a time, writes alone. */
export async function writesSince(directory: string, username: string, since: Date): Promise<AuditEntry[]> {
  const entries = await auditEntries(join(directory, 'cluster', 'logs', 'audit.log'), username);
  return entries
    .filter(({ verb }) => !READS.has(verb))
    .filter(({ requestReceivedTimestamp }) => new Date(requestReceivedTimestamp) >= since);
}
