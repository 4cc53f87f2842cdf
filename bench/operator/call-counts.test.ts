import { expect, test } from 'vitest';
import { callsBetween, readCallCounts } from './call-counts.ts';

const EXPOSITION = `# TYPE apiserver_flowcontrol_dispatched_requests_total counter
apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-reads",priority_level="workload-low"} 12
apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-writes",priority_level="workload-low"} 340
apiserver_flowcontrol_dispatched_requests_total{flow_schema="exempt",priority_level="exempt"} 9000
apiserver_flowcontrol_rejected_requests_total{flow_schema="bench-writes",priority_level="workload-low"} 7
`;

test('the requests of the measured user are told from those of others', () => {
  expect(readCallCounts(EXPOSITION)).toEqual({ writes: 340, reads: 12 });
});

test('a user that asked nothing has asked nothing', () => {
  expect(readCallCounts('')).toEqual({ writes: 0, reads: 0 });
});

test('counts are subtracted', () => {
  expect(callsBetween({ writes: 3, reads: 5 }, { writes: 10, reads: 5 })).toEqual({ writes: 7, reads: 0 });
});
