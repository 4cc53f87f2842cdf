import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { createClientAddress } from './auth/client-address.ts';
import { environmentSchema, HTTP_PORT, MANAGEMENT_PORT, type ProxyConfig } from './config.ts';
import { type ContentConfig, contentConfigSchema } from './content-config.ts';
import { readTracingSettings, type TracingSettings } from './tracing/settings.ts';

export interface Settings {
  config: ProxyConfig;
  content: ContentConfig;
  /** Undefined when no traces are wanted. */
  tracing: TracingSettings | undefined;
}

/**
 * Reads the environment and the content settings it points to.
 * @throws Error with one message that lists every fault by variable name
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const faults: string[] = [];
  const parsed = environmentSchema.safeParse(withoutBlanks(environment));
  if (!parsed.success) faults.push(...describe(parsed.error, ''));
  faults.push(...inconsistencies(environment));
  const tracing = readTracing(environment, faults);
  // The content settings are looked at even when other variables are wrong, so that all faults come at once.
  const content = readContent(environment, readFile, faults);
  if (!parsed.success || !content || faults.length > 0) {
    throw new Error(`The environment is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return { config: parsed.data, content, tracing };
}

/** What is wrong though each variable by itself may be right; looked at raw, so that these are told beside the others. */
function inconsistencies(environment: Readonly<Record<string, string | undefined>>): string[] {
  const faults: string[] = [];
  const { PORT, MANAGEMENT_PORT: management, TRUSTED_PROXIES: proxies } = environment;
  if (Number(PORT || HTTP_PORT) === Number(management || MANAGEMENT_PORT))
    faults.push('MANAGEMENT_PORT: must not be the same as PORT');
  try {
    createClientAddress(proxies ?? '');
  } catch (error) {
    faults.push(`TRUSTED_PROXIES: ${error instanceof Error ? error.message : String(error)}`);
  }
  const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const [lacking, ...others] = keys.filter((name) => !environment[name]);
  if (lacking !== undefined && others.length === 0)
    faults.push(`${lacking}: must be set, as the other half of the key is`);
  // Passed over in silence, the token would leave the pod with the rights of its node.
  if (environment.AWS_WEB_IDENTITY_TOKEN_FILE && !environment.AWS_ROLE_ARN)
    faults.push('AWS_ROLE_ARN: must be set, as AWS_WEB_IDENTITY_TOKEN_FILE is');
  return faults;
}

/** A blank variable is an unset one, as everywhere in containers; only for TRUSTED_PROXIES does it say something. */
function withoutBlanks(environment: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== '' || name === 'TRUSTED_PROXIES'),
  );
}

function readTracing(
  environment: Readonly<Record<string, string | undefined>>,
  faults: string[],
): TracingSettings | undefined {
  try {
    return readTracingSettings(withoutBlanks(environment));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    faults.push(...describe(error, ''));
    return undefined;
  }
}

function readContent(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  faults: string[],
): ContentConfig | undefined {
  const { CONTENT_CONFIG: inline, CONTENT_CONFIG_FILE: path } = environment;
  if (inline && path) {
    faults.push('CONTENT_CONFIG and CONTENT_CONFIG_FILE are both set: keep one of them');
    return undefined;
  }
  const name = path ? 'CONTENT_CONFIG_FILE' : 'CONTENT_CONFIG';
  let value: unknown = {};
  try {
    const text = path ? readFile(path) : inline;
    if (text) value = JSON.parse(text);
  } catch (error) {
    faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const parsed = contentConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  faults.push(...describe(parsed.error, name));
  return undefined;
}

function describe(error: z.ZodError, variable: string): string[] {
  return error.issues.map(({ path, message }) => {
    const place = [...(variable === '' ? [] : [variable]), ...path.map(String)].join('.');
    return `${place}: ${message}`;
  });
}
