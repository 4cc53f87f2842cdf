import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';

/** What one group of requests came to. Sizes are in bytes. */
export interface Figures {
  name: string;
  requests: number;
  /** Answers with all bytes, and the right ones. */
  whole: number;
  /** Answers whose connection broke off. */
  aborted: number;
  /** Complete answers with an error, by status. */
  statuses: Readonly<Record<string, number>>;
  /** Bodies that broke off between store and proxy and were continued. */
  resumedBodies: number;
  rssBefore: number;
  rssAfter: number;
  /** Connections from the proxy to the store, busy and idle ones. */
  socketsBefore: number;
  socketsAfter: number;
  /** What else was measured. */
  note?: string;
}

const DIRECTORY = join(import.meta.dirname, '../../.cache/test');
/** One line of JSON for each group, while the tests run in processes of their own. */
const LINES = join(DIRECTORY, 'fault-figures.jsonl');
const RESULT = join(DIRECTORY, 'fault-figures.json');

export async function forgetFigures(): Promise<void> {
  await rm(LINES, { force: true });
  await rm(RESULT, { force: true });
}

/** Notes the figures of a group of the test file that runs. */
export async function saveFigures(figures: Figures): Promise<void> {
  const file = basename(expect.getState().testPath ?? '');
  await mkdir(dirname(LINES), { recursive: true });
  await appendFile(LINES, `${JSON.stringify({ file, figures })}\n`);
}

/** Gathers all figures of the run in one file, and gives them as a table for people. */
export async function reportFigures(): Promise<string> {
  const lines = await readFile(LINES, 'utf8').catch(() => '');
  // The files run side by side, but the figures of one belong together.
  const all = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line): { file: string; figures: Figures } => JSON.parse(line))
    .sort((a, b) => (a.file < b.file ? -1 : Number(a.file > b.file)))
    .map(({ figures }) => figures);
  await mkdir(DIRECTORY, { recursive: true });
  await writeFile(RESULT, `${JSON.stringify(all, undefined, 2)}\n`);
  await rm(LINES, { force: true });
  return formatFigures(all);
}

const COLUMNS: readonly { title: string; cell: (figures: Figures) => string }[] = [
  { title: 'requests', cell: ({ requests }) => String(requests) },
  { title: 'whole', cell: ({ whole }) => String(whole) },
  { title: 'aborted', cell: ({ aborted }) => String(aborted) },
  {
    title: 'errors',
    cell: ({ statuses }) => {
      const counts = Object.entries(statuses).map(([status, count]) => `${status}×${count}`);
      return counts.length === 0 ? '–' : counts.join(' ');
    },
  },
  { title: 'resumed', cell: ({ resumedBodies }) => String(resumedBodies) },
  { title: 'RSS MB', cell: ({ rssBefore, rssAfter }) => `${megabytes(rssBefore)} → ${megabytes(rssAfter)}` },
  { title: 'sockets', cell: ({ socketsBefore, socketsAfter }) => `${socketsBefore} → ${socketsAfter}` },
  { title: '', cell: ({ note }) => note ?? '' },
];

/** The figures as a Markdown table. */
export function formatFigures(all: readonly Figures[]): string {
  const rows = [
    ['group', ...COLUMNS.map(({ title }) => title)],
    ...all.map((figures) => [figures.name, ...COLUMNS.map(({ cell }) => cell(figures))]),
  ];
  const widths =
    rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  const [head = [], ...body] = rows;
  return [head, rule, ...body].map(line).join('\n');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
