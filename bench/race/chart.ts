import { type Figure, formatSize, type SystemName } from './figures.ts';
import { LARGE_OBJECT_BYTES } from './plan.ts';

/** The concurrency that the chart shows. */
const CONNECTIONS = 32;

const LABELS: Record<SystemName, string> = {
  store: 'S3 server itself',
  ours: 's3proxy',
  'ours-cached': 's3proxy, cached',
  rclone: 'rclone serve http',
  'npm-s3proxy': 'npm s3proxy',
  nginx: 'nginx ¹',
  'nginx-cache': 'nginx, cached ¹',
  'nginx-signing': 'nginx + njs signer',
  envoy: 'Envoy',
};

const LAYOUT = {
  width: 880,
  labels: 140,
  bar: 190,
  gap: 70,
  row: 22,
  top: 62,
  heading: 34,
  footer: 40,
} as const;

interface Column {
  title: string;
  valueOf(figure: Figure): number;
  format(value: number, objectBytes: number): string;
}

const COLUMNS: readonly Column[] = [
  {
    title: 'Throughput — longer is better',
    valueOf: ({ requestsPerSecond }) => requestsPerSecond,
    format: (value, objectBytes) =>
      objectBytes < LARGE_OBJECT_BYTES
        ? `${grouped(value)} req/s`
        : `${grouped((value * objectBytes) / 1e6)} MB/s`,
  },
  {
    title: 'Processor time per request — shorter is better',
    valueOf: ({ cpuSecondsPerRequest }) => cpuSecondsPerRequest,
    format: (value, objectBytes) =>
      objectBytes < LARGE_OBJECT_BYTES ? `${grouped(value * 1e6)} µs` : `${grouped(value * 1e3)} ms`,
  },
];

const STYLE = `
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .heading { font-weight: 600; }
  .muted { fill: #59636e; font-size: 12px; }
  .mine { font-weight: 600; }
  rect.bar { fill: #a9b4c0; }
  rect.mine { fill: #0969da; }
  rect.limit { fill: #d8dee4; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .muted { fill: #9198a1; }
    rect.bar { fill: #656c76; }
    rect.mine { fill: #4493f8; }
    rect.limit { fill: #3d444d; }
  }`;

/**
 * The figures at 32 connections as an SVG picture: a block for each object, a pair of bars for each system. It follows the
 * reader's light or dark colour scheme and says everything in text as well.
 */
export function drawChart(figures: readonly Figure[]): string {
  const shown = figures.filter(({ connections }) => connections === CONNECTIONS);
  const sizes = [...new Set(shown.map(({ objectBytes }) => objectBytes))];
  let top: number = LAYOUT.top;
  const blocks = sizes.map((objectBytes) => {
    const rows = shown.filter((figure) => figure.objectBytes === objectBytes);
    const block = drawBlock(objectBytes, rows, top);
    top += LAYOUT.heading + rows.length * LAYOUT.row + 18;
    return block;
  });
  const height = top + LAYOUT.footer;
  const title = 'One S3 server, the same two cores for all, 32 connections';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LAYOUT.width} ${height}" width="${LAYOUT.width}" height="${height}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}
</style>
<rect class="card" x="0.5" y="0.5" width="${LAYOUT.width - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="20" y="30">${title}</text>
${COLUMNS.map(({ title: name }, index) => `<text class="muted" x="${columnX(index)}" y="54">${name}</text>`).join('\n')}
${blocks.join('\n')}
<text class="muted" x="20" y="${height - 24}">¹ nginx is given presigned URLs: it signs nothing and checks nothing, which flatters it.</text>
</svg>
`;
}

function drawBlock(objectBytes: number, figures: readonly Figure[], top: number): string {
  const lines = [`<text class="heading" x="20" y="${top + 20}">Objects of ${formatSize(objectBytes)}</text>`];
  figures.forEach((figure, index) => {
    const y = top + LAYOUT.heading + index * LAYOUT.row;
    const mine = figure.system.startsWith('ours');
    lines.push(`<text${mine ? ' class="mine"' : ''} x="20" y="${y + 12}">${LABELS[figure.system]}</text>`);
    COLUMNS.forEach((column, position) => {
      const largest = Math.max(...figures.map(column.valueOf));
      const value = column.valueOf(figure);
      const width = Math.max(1, (value / largest) * LAYOUT.bar);
      const kind = mine ? 'bar mine' : figure.system === 'store' ? 'bar limit' : 'bar';
      const x = columnX(position);
      lines.push(
        `<rect class="${kind}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${LAYOUT.row - 7}" rx="2"/>`,
        `<text class="${mine ? 'mine' : 'muted'}" x="${(x + width + 6).toFixed(1)}" y="${y + 12}">${column.format(value, objectBytes)}</text>`,
      );
    });
  });
  return lines.join('\n');
}

function columnX(index: number): number {
  return 20 + LAYOUT.labels + index * (LAYOUT.bar + LAYOUT.gap + 100);
}

function grouped(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(2);
}
