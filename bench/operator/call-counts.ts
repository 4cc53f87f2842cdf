import type { KubeObject } from '../../operator/src/kube/objects.ts';

/** Requests of the measured system, as the API server counted them since it started. */
export interface CallCounts {
  writes: number;
  reads: number;
}

const SCHEMAS = { writes: 'bench-writes', reads: 'bench-reads' } as const;

export interface ServiceAccountName {
  name: string;
  namespace: string;
}

/** A PriorityLevelConfiguration that every API server has: that of the controllers which run as service accounts. */
const PRIORITY_LEVEL = 'workload-low';

const READ_VERBS = ['get', 'list', 'watch'];
const WRITE_VERBS = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/**
 * FlowSchemas that tell a service account's writes from its reads. So the API server itself counts them, by account, at no cost: its request
 * metrics do not know accounts, and its audit log would make every write slower. Both go where an operator's requests go.
 */
export function flowSchemas(account: ServiceAccountName): KubeObject[] {
  return [schema(SCHEMAS.writes, account, WRITE_VERBS), schema(SCHEMAS.reads, account, READ_VERBS)];
}

function schema(name: string, account: ServiceAccountName, verbs: readonly string[]): KubeObject {
  return {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: PRIORITY_LEVEL },
      matchingPrecedence: 500,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: account }],
          resourceRules: [
            { verbs, apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
          ],
          nonResourceRules: [{ verbs, nonResourceURLs: ['*'] }],
        },
      ],
    },
  } as KubeObject;
}

/** Reads the counts out of the API server's metrics. */
export function readCallCounts(exposition: string): CallCounts {
  return { writes: dispatched(exposition, SCHEMAS.writes), reads: dispatched(exposition, SCHEMAS.reads) };
}

function dispatched(exposition: string, flowSchema: string): number {
  let total = 0;
  for (const line of exposition.split('\n')) {
    if (!line.startsWith('apiserver_flowcontrol_dispatched_requests_total{')) continue;
    if (line.includes(`flow_schema="${flowSchema}"`)) total += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return total;
}

/** What was asked between two counts. */
export function callsBetween(before: CallCounts, after: CallCounts): CallCounts {
  return { writes: after.writes - before.writes, reads: after.reads - before.reads };
}
