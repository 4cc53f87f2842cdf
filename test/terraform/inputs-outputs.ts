import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './processes.ts';

/** The directories under terraform/ whose README lists inputs and outputs. */
export const DOCUMENTED = ['.', 'modules/aws', 'modules/release', 'examples/any-cluster'] as const;

const START = '<!-- inputs and outputs: generated, do not edit -->';
const END = '<!-- end of the generated part -->';

interface Described {
  name: string;
  description?: string;
  sensitive?: boolean;
  pos: { line: number };
}

interface Variable extends Described {
  type?: string;
  default: unknown;
  required: boolean;
}

/** The README of a directory as it ought to be: with the inputs and outputs that its configuration has now. */
export async function readmeWithTables(inspect: string, directory: string): Promise<string> {
  const found: { variables: Record<string, Variable>; outputs: Record<string, Described> } = JSON.parse(
    await mustRun(inspect, ['--json', directory]),
  );
  const readme = await readFile(join(directory, 'README.md'), 'utf8');
  const [before, rest] = readme.split(START);
  const [, after] = (rest ?? '').split(END);
  if (before === undefined || after === undefined) {
    throw new Error(`${directory}/README.md lacks the lines "${START}" and "${END}".`);
  }
  return `${before}${START}\n\n${inputs(inFileOrder(found.variables))}\n${outputs(inFileOrder(found.outputs))}\n${END}${after}`;
}

function inputs(variables: readonly Variable[]): string {
  const rows = variables.map(
    ({ name, type, description, default: value, required, sensitive }) =>
      `| \`${name}\` | ${cell(description)}${sensitive === true ? ' Sensitive.' : ''} | \`${cell(oneLineType(type))}\` | ${required ? '**required**' : `\`${JSON.stringify(value)}\``} |`,
  );
  return `### Inputs\n\n| name | description | type | default |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function outputs(described: readonly Described[]): string {
  const rows = described.map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`);
  return `### Outputs\n\n| name | description |\n|---|---|\n${rows.join('\n')}\n`;
}

function inFileOrder<T extends Described>(byName: Readonly<Record<string, T>>): T[] {
  return Object.values(byName).sort((a, b) => a.pos.line - b.pos.line);
}

function oneLineType(type = 'any'): string {
  return type
    .replace(/\s*\n\s*/g, ', ')
    .replace(/\{, /g, '{ ')
    .replace(/, \}/g, ' }')
    .replace(/ {2,}/g, ' ');
}

function cell(text = ''): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
}
