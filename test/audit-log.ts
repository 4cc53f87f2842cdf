import { readFile } from 'node:fs/promises';

/** What the API server's audit log says of one answered request (audit.k8s.io/v1, Event). */
export interface AuditEntry {
  verb: string;
  user: { username: string };
  userAgent?: string;
  requestURI: string;
  /** Absent for paths that are no resource's, such as discovery. */
  objectRef?: {
    apiGroup?: string;
    resource?: string;
    namespace?: string;
    name?: string;
    subresource?: string;
  };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
  annotations?: Record<string, string>;
}

/** What the log at a path holds of one user, oldest first. */
export async function auditEntries(path: string, username: string): Promise<AuditEntry[]> {
  const text = await readFile(path, 'utf8');
  // The last line may still be on its way.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes(username))
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(({ user }) => user.username === username);
}

const READS = new Set(['get', 'list', 'watch']);

/** Whether a request was to change something. */
export function isWrite({ verb }: AuditEntry): boolean {
  return !READS.has(verb);
}
