import { join } from 'node:path';
import { type AuditEntry, auditEntries, isWrite } from '../audit-log.ts';

/** What the API server logged of one user since a time, writes alone. */
export async function writesSince(directory: string, username: string, since: Date): Promise<AuditEntry[]> {
  const entries = await auditEntries(join(directory, 'cluster', 'logs', 'audit.log'), username);
  return entries
    .filter(isWrite)
    .filter(({ requestReceivedTimestamp }) => new Date(requestReceivedTimestamp) >= since);
}
