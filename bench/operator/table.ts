import { type Column, formatTable } from '../text-table.ts';
import { type Figure, PHASES } from './figures.ts';

const COLUMNS: readonly Column<Figure>[] = [
  { title: 'seconds', cell: ({ seconds }) => seconds.toFixed(1) },
  {
    title: 'objects/s',
    cell: ({ objects, seconds, phase }) => (phase === 'rest' ? '' : (objects / seconds).toFixed(0)),
  },
  { title: 'writes', cell: ({ apiWrites }) => apiWrites.toLocaleString('en-US') },
  { title: 'per object', cell: ({ apiWrites, objects }) => (apiWrites / objects).toFixed(1) },
  { title: 'reads', cell: ({ apiReads }) => apiReads.toLocaleString('en-US') },
  { title: 'CPU s', cell: ({ cpuSeconds }) => cpuSeconds.toFixed(1) },
  { title: 'peak MB', cell: ({ peakRssBytes }) => (peakRssBytes / 1e6).toFixed(0) },
];

/** The figures as text, one table for each number of objects and phase. */
export function formatTables(figures: readonly Figure[]): string {
  const counts = [...new Set(figures.map(({ objects }) => objects))];
  return counts
    .flatMap((objects) =>
      PHASES.map((phase) => ({
        title: `${objects.toLocaleString('en-US')} objects, ${phase}`,
        rows: figures.filter((figure) => figure.objects === objects && figure.phase === phase),
      })),
    )
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) => formatTable(title, COLUMNS, rows, 12))
    .join('\n');
}
