import { type Figure, formatSize, type SystemName } from './figures.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SMALL = KIB;
const MIDDLE = 100 * KIB;
const LARGE = 64 * MIB;
/** The concurrency that the bars speak of. */
const CONNECTIONS = 32;
const MEMORY_LIMIT_BYTES = 150e6;

/** What a race must or should show. */
export interface Verdict {
  what: string;
  /** A goal goes beyond what is required. */
  required: boolean;
  measured: number;
  bound: number;
  direction: 'at least' | 'at most';
  unit: '×' | 'MB';
  met: boolean;
}

type Metric = (figure: Figure) => number;

const rate: Metric = ({ requestsPerSecond }) => requestsPerSecond;
const perCpuSecond: Metric = ({ cpuSecondsPerRequest }) => 1 / cpuSecondsPerRequest;
const cpu: Metric = ({ cpuSecondsPerRequest }) => cpuSecondsPerRequest;

interface Comparison {
  system: SystemName;
  /** The other side: the same cell's figure of this system. */
  than: SystemName;
  objectBytes: number;
  metric: Metric;
  name: string;
  bound: number;
  direction?: Verdict['direction'];
  required: boolean;
}

const COMPARISONS: readonly Comparison[] = [
  ...[SMALL, MIDDLE].flatMap((objectBytes): Comparison[] => [
    { system: 'ours', than: 'rclone', objectBytes, metric: rate, name: 'rate', bound: 1.3, required: true },
    {
      system: 'ours',
      than: 'npm-s3proxy',
      objectBytes,
      metric: rate,
      name: 'rate',
      bound: 3,
      required: true,
    },
  ]),
  {
    system: 'ours',
    than: 'rclone',
    objectBytes: LARGE,
    metric: rate,
    name: 'rate',
    bound: 1.2,
    required: true,
  },
  {
    system: 'ours-cached',
    than: 'store',
    objectBytes: SMALL,
    metric: rate,
    name: 'rate',
    bound: 0.5,
    required: true,
  },
  ...[
    { bound: 0.3, required: true },
    { bound: 0.6, required: false },
  ].map(
    ({ bound, required }): Comparison => ({
      system: 'ours-cached',
      than: 'nginx-cache',
      objectBytes: SMALL,
      metric: perCpuSecond,
      name: 'requests per processor second',
      bound,
      required,
    }),
  ),
  ...[SMALL, MIDDLE, LARGE].flatMap((objectBytes): Comparison[] => [
    {
      system: 'ours',
      than: 'store',
      objectBytes,
      metric: cpu,
      name: 'processor time per request',
      bound: 2,
      direction: 'at most',
      required: false,
    },
    { system: 'ours', than: 'nginx', objectBytes, metric: rate, name: 'rate', bound: 1, required: false },
  ]),
];

/** Judges a race by its figures. What was not measured is left out. */
export function judge(figures: readonly Figure[]): Verdict[] {
  const memory = memoryVerdict(figures);
  const verdicts = COMPARISONS.flatMap((comparison) => compare(comparison, figures) ?? []);
  return [...verdicts, ...(memory === undefined ? [] : [memory])].sort(
    (a, b) => Number(b.required) - Number(a.required),
  );
}

function compare(comparison: Comparison, figures: readonly Figure[]): Verdict | undefined {
  const { system, than, objectBytes, metric, name, bound, required, direction = 'at least' } = comparison;
  const figureOf = (wanted: SystemName): Figure | undefined =>
    figures.find(
      (figure) =>
        figure.system === wanted && figure.objectBytes === objectBytes && figure.connections === CONNECTIONS,
    );
  const [mine, theirs] = [figureOf(system), figureOf(than)];
  if (mine === undefined || theirs === undefined) return undefined;
  const measured = metric(mine) / metric(theirs);
  return {
    what: `${system}, ${formatSize(objectBytes)}, ${CONNECTIONS} connections: ${name} against ${than}`,
    required,
    measured,
    bound,
    direction,
    unit: '×',
    met: direction === 'at least' ? measured >= bound : measured <= bound,
  };
}

function memoryVerdict(figures: readonly Figure[]): Verdict | undefined {
  const peaks = figures.filter(({ system }) => system === 'ours').map(({ peakRssBytes }) => peakRssBytes);
  if (peaks.length === 0) return undefined;
  const peak = Math.max(...peaks);
  return {
    what: 'ours, everywhere: peak resident memory',
    required: true,
    measured: peak / 1e6,
    bound: MEMORY_LIMIT_BYTES / 1e6,
    direction: 'at most',
    unit: 'MB',
    met: peak <= MEMORY_LIMIT_BYTES,
  };
}

/** One line for a verdict. */
export function formatVerdict({ what, required, measured, bound, direction, unit, met }: Verdict): string {
  const outcome = met ? 'pass' : 'falls short';
  const number = (value: number): string =>
    unit === 'MB' ? `${value.toFixed(0)} MB` : `${value.toFixed(2)} ×`;
  const rest = `${what}: ${number(measured)}, ${direction} ${number(bound)}`;
  return `${outcome.padEnd(11)}  ${required ? 'required' : 'goal    '}  ${rest}`;
}
