import type { KubeObject } from '../../../operator/src/kube/objects.ts';

// What kwok makes of nodes and pods: the least of its own fast stages (kwok.x-k8s.io/v1alpha1 Stage, kustomize/stage in its module).

const API_VERSION = 'kwok.x-k8s.io/v1alpha1';

interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: readonly string[];
}

function stage(
  name: string,
  kind: 'Node' | 'Pod',
  matchExpressions: readonly Requirement[],
  next: { statusTemplate?: string; delete?: boolean },
): object {
  return {
    apiVersion: API_VERSION,
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, next },
  };
}

const READY_CONDITION = '.status.conditions.[] | select( .type == "Ready" ) | .status';

const NODE_STATUS = `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
phase: Running
`;

const POD_STATUS = `{{ $now := Now }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`;

/** Nodes are ready, and so are pods as soon as they are on one; pods that are to go are gone. */
export const STAGES: readonly object[] = [
  stage('node-initialize', 'Node', [{ key: READY_CONDITION, operator: 'NotIn', values: ['True'] }], {
    statusTemplate: NODE_STATUS,
  }),
  stage(
    'pod-ready',
    'Pod',
    [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      { key: '.status.phase', operator: 'In', values: ['Pending'] },
      { key: READY_CONDITION, operator: 'NotIn', values: ['True'] },
    ],
    { statusTemplate: POD_STATUS },
  ),
  stage('pod-delete', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], { delete: true }),
];

/** A Node with room for thousands of pods. */
export function nodeManifest(index: number): KubeObject {
  const capacity = { cpu: '1k', memory: '4Ti', pods: '10k' };
  const name = `kwok-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: { allocatable: capacity, capacity },
  } as KubeObject;
}
