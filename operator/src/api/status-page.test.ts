import { readFile } from 'node:fs/promises';
import { lauxlib, lua, lualib, to_luastring } from 'fengari';
import { describe, expect, test } from 'vitest';
import {
  CONDITION_TYPES,
  KNOWN_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  STALLED_REASONS,
} from './conditions.ts';

const page = await readFile(new URL('../../../docs/status.md', import.meta.url), 'utf8');

/** The part of the page below a heading, up to the next one of its level. */
function section(heading: string): string {
  const [, after] = page.split(`\n### ${heading}\n`);
  if (after === undefined) throw new Error(`docs/status.md has no "### ${heading}"`);
  return after.split(/\n##+ /)[0] ?? '';
}

/** First cells of the tables' rows. */
function explained(text: string): string[] {
  const cells = [...text.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
}

describe('docs/status.md explains', () => {
  test('every condition', () => {
    const [, conditions = ''] = page.split('\n## Conditions\n');
    expect(explained(conditions.split('\n## ')[0] ?? '').sort()).toEqual(
      Object.values(CONDITION_TYPES).sort(),
    );
  });

  test.each([
    ['Ready = True', READY_REASONS],
    ['Ready = False with Reconciling = True', RECONCILING_REASONS],
    ['Ready = False with Stalled = True', STALLED_REASONS],
  ])('every reason of %s, and no other', (heading, reasons) => {
    expect(explained(section(heading)).sort()).toEqual(Object.values(reasons).sort());
  });

  test('every reason there is', () => {
    const [, reasons = ''] = page.split('\n## Reasons\n');
    expect(new Set(explained(reasons.split('\n## ')[0] ?? ''))).toEqual(KNOWN_REASONS);
  });
});

describe("Argo CD's health script", () => {
  const script = /```lua\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

  /** A JSON value as a Lua expression. */
  function literal(value: unknown): string {
    if (Array.isArray(value)) return `{${value.map(literal).join(', ')}}`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${Object.entries(value).map(([key, each]) => `[${JSON.stringify(key)}] = ${literal(each)}`)}}`;
  }

  function healthOf(object: object): { status: string; message: string } {
    const state = lauxlib.luaL_newstate();
    lualib.luaL_openlibs(state);
    const source = `local obj = ${literal(object)}\n${script}`;
    if (lauxlib.luaL_dostring(state, to_luastring(source)) !== 0)
      throw new Error(lua.lua_tojsstring(state, -1));
    lua.lua_getfield(state, -1, to_luastring('status'));
    lua.lua_getfield(state, -2, to_luastring('message'));
    return { status: lua.lua_tojsstring(state, -2), message: lua.lua_tojsstring(state, -1) };
  }

  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: `It is ${reason}.`,
  });
  const s3proxy = (generation: number, ...conditions: object[]) => ({
    metadata: { name: 'photos', generation },
    status: { observedGeneration: 2, conditions },
  });

  test.each([
    ['Healthy', s3proxy(2, condition('Ready', 'True', 'Available')), 'It is Available.'],
    [
      'Degraded',
      s3proxy(
        2,
        condition('Ready', 'False', 'SecretNotFound'),
        condition('Stalled', 'True', 'SecretNotFound'),
      ),
      'It is SecretNotFound.',
    ],
    [
      'Progressing',
      s3proxy(2, condition('Ready', 'False', 'Progressing'), condition('Reconciling', 'True', 'Progressing')),
      'It is Progressing.',
    ],
    [
      'Suspended',
      s3proxy(2, condition('Ready', 'False', 'Suspended'), condition('Stalled', 'True', 'Suspended')),
      'It is Suspended.',
    ],
    ['Suspended', s3proxy(2, condition('Ready', 'True', 'Suspended')), 'It is Suspended.'],
    ['Progressing', s3proxy(3, condition('Ready', 'True', 'Available')), 'newest spec'],
    ['Progressing', { metadata: { name: 'photos', generation: 1 } }, 'newest spec'],
    ['Progressing', { metadata: { generation: 1 }, status: { observedGeneration: 1 } }, 'newest spec'],
  ])('%s: %j', (status, object, message) => {
    const health = healthOf(object);
    expect(health.status).toBe(status);
    expect(health.message).toContain(message);
  });
});
