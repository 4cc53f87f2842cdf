import { type Column, formatTable } from '../text-table.ts';
import { type Figure, formatSize } from './figures.ts';
import { LARGE_OBJECT_BYTES } from './plan.ts';

const COLUMNS: readonly Column<Figure>[] = [
  { title: 'req/s', cell: ({ requestsPerSecond }) => readable(requestsPerSecond) },
  { title: 'MB/s', cell: ({ bytesPerSecond }) => readable(bytesPerSecond / 1e6) },
  { title: 'p50 ms', cell: ({ p50Ms }) => readable(p50Ms) },
  { title: 'p99 ms', cell: ({ p99Ms }) => readable(p99Ms) },
  {
    title: 'CPU/req',
    cell: ({ cpuSecondsPerRequest, objectBytes }) =>
      objectBytes < LARGE_OBJECT_BYTES
        ? `${readable(cpuSecondsPerRequest * 1e6)} µs`
        : `${readable(cpuSecondsPerRequest * 1e3)} ms`,
  },
  { title: 'peak MB', cell: ({ peakRssBytes }) => (peakRssBytes / 1e6).toFixed(0) },
  { title: 'errors', cell: ({ errors }) => String(errors) },
];

/** The figures as text, one table for each combination of object and connections, in the order given. */
export function formatTables(figures: readonly Figure[]): string {
  const groups = new Map<string, Figure[]>();
  for (const figure of figures) {
    const title = `${formatSize(figure.objectBytes)}, ${figure.connections} connection${figure.connections === 1 ? '' : 's'}`;
    groups.set(title, [...(groups.get(title) ?? []), figure]);
  }
  return [...groups].map(([title, rows]) => formatTable(title, COLUMNS, rows, 11)).join('\n');
}

/** Three significant digits, thousands set apart. */
function readable(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
