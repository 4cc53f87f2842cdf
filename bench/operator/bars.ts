import type { Figure, Phase, SystemName } from './figures.ts';

/** Largest resident memory that the operator may have, and with how many S3Proxies. */
const MEMORY = { objects: 5000, bytes: 300e6 } as const;

/** What a measurement must show. */
export interface Verdict {
  what: string;
  measured: number;
  atMost: number;
  unit: '×' | 'MB' | 'writes';
  met: boolean;
}

const RATIOS: readonly { than: SystemName; atMost: number }[] = [
  { than: 'limit', atMost: 1.4 },
  { than: 'controller-runtime', atMost: 1 },
];

/** Judges the operator by its figures and the others' of the same phase. What was not measured is left out. */
export function judge(figures: readonly Figure[]): Verdict[] {
  return figures
    .filter(({ system }) => system === 'ours')
    .flatMap((mine) => [
      ...(mine.phase === 'rest' ? [restVerdict(mine)] : ratios(mine, figures)),
      ...(mine.objects === MEMORY.objects ? [memoryVerdict(mine)] : []),
    ]);
}

function ratios(mine: Figure, figures: readonly Figure[]): Verdict[] {
  return RATIOS.flatMap(({ than, atMost }) => {
    const theirs = figures.find(
      ({ system, phase, objects }) => system === than && phase === mine.phase && objects === mine.objects,
    );
    if (theirs === undefined) return [];
    const measured = mine.seconds / theirs.seconds;
    return [
      {
        what: `${where(mine)}: time against ${than}`,
        measured,
        atMost,
        unit: '×' as const,
        met: measured <= atMost,
      },
    ];
  });
}

function restVerdict(mine: Figure): Verdict {
  const { apiWrites: measured } = mine;
  return { what: where(mine), measured, atMost: 0, unit: 'writes', met: measured === 0 };
}

function memoryVerdict(mine: Figure): Verdict {
  const { peakRssBytes } = mine;
  return {
    what: `${where(mine)}: peak resident memory`,
    measured: peakRssBytes / 1e6,
    atMost: MEMORY.bytes / 1e6,
    unit: 'MB',
    met: peakRssBytes <= MEMORY.bytes,
  };
}

const PHASE_NAMES: Record<Phase, string> = { create: 'created', rest: 'at rest', drift: 'drifted' };

function where({ objects, phase }: Figure): string {
  return `${objects.toLocaleString('en-US')} S3Proxies ${PHASE_NAMES[phase]}`;
}

/** One line for a verdict. */
export function formatVerdict({ what, measured, atMost, unit, met }: Verdict): string {
  const number = (value: number): string => `${value.toFixed(unit === '×' ? 2 : 0)} ${unit}`;
  return `${(met ? 'pass' : 'falls short').padEnd(11)}  required  ${what}: ${number(measured)}, at most ${number(atMost)}`;
}
