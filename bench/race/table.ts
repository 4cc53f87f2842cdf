import { type Figure, formatSize } from './figures.ts';
import { LARGE_OBJECT_BYTES } from './plan.ts';

const COLUMNS: readonly { title: string; cell: (figure: Figure) => string }[] = [
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
  return [...groups].map(([title, rows]) => formatTable(title, rows)).join('\n');
}

function formatTable(title: string, figures: readonly Figure[]): string {
  const rows = [
    [title, ...COLUMNS.map((column) => column.title)],
    ...figures.map((figure) => [figure.system, ...COLUMNS.map(({ cell }) => cell(figure))]),
  ];
  return rows
    .map(([first = '', ...rest]) => first.padEnd(26) + rest.map((text) => text.padStart(11)).join(''))
    .join('\n')
    .concat('\n');
}

/** Three significant digits, thousands set apart. */
function readable(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
