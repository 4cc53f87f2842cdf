import { API_VERSION, KIND } from '../../operator/src/api/s3proxy.ts';
import type { SchemaNode } from '../../operator/src/api/structural-schema.ts';
import { code, table } from './markdown.ts';

const INTRODUCTION = `<!-- Generated from operator/src/api by "npm run generate". Do not edit. -->

# API reference: ${KIND}, ${API_VERSION}

The same as \`kubectl explain s3proxy --recursive\` and its sub-topics tell, on one page. [examples/](examples/README.md) shows the fields at work, and [status.md](status.md) what the
conditions mean.

Under each heading are the fields of one object. "Required" is what has no default and must be there when the object around it is.
`;

/** A block of the spec, or another object that has fields. */
interface Section {
  path: string;
  node: SchemaNode;
}

/** The reference page of the custom resource, from its OpenAPI schema as the CRD has it. */
export function apiReference(schema: SchemaNode): string {
  const { spec, status } = propertiesOf(schema);
  const sections = [...sectionsOf('spec', spec ?? {}), ...sectionsOf('status', status ?? {})];
  const withPage = new Set(sections.map(({ path }) => path));
  return `${INTRODUCTION}\n${sections.map((section) => describe(section, withPage)).join('\n')}`;
}

/** An object's own section, then those of the objects in it. Lists and maps of objects count as their members. */
function sectionsOf(path: string, node: SchemaNode): Section[] {
  const properties = propertiesOf(node);
  if (Object.keys(properties).length === 0) return [];
  return [
    { path, node },
    ...Object.entries(properties).flatMap(([name, child]) => {
      const [member, suffix] = memberOf(child);
      return sectionsOf(`${path}.${name}${suffix}`, member);
    }),
  ];
}

function describe({ path, node }: Section, withPage: ReadonlySet<string>): string {
  const required = new Set((node.required ?? []) as string[]);
  const rows = Object.entries(propertiesOf(node)).map(([name, field]) => {
    const below = `${path}.${name}${memberOf(field)[1]}`;
    return [
      withPage.has(below) ? `[${code(name)}](#${anchor(below)})` : code(name),
      typeOf(field),
      required.has(name) ? '**required**' : defaultOf(field),
      [field.description ?? '', ...limitsOf(field)].filter((text) => text !== '').join(' '),
    ];
  });
  const rules = validationsOf(node).map((message) => `- ${message}`);
  return [
    `## ${path}`,
    '',
    ...(typeof node.description === 'string' ? [node.description, ''] : []),
    table(['field', 'type', 'default', 'what it is'], rows),
    '',
    ...(rules.length > 0 ? ['Rules:', '', ...rules, ''] : []),
  ].join('\n');
}

/** What a field holds, within a list or a map, and how that is written in a path. */
function memberOf(field: SchemaNode): [member: SchemaNode, suffix: string] {
  if (field.type === 'array') return [(field.items ?? {}) as SchemaNode, '[]'];
  if (isNode(field.additionalProperties)) return [field.additionalProperties, '{}'];
  return [field, ''];
}

function typeOf(field: SchemaNode): string {
  if (field['x-kubernetes-int-or-string'] === true) return 'integer or string';
  if (field.type === 'array') return `list of ${typeOf((field.items ?? {}) as SchemaNode)}`;
  if (isNode(field.additionalProperties)) return `map of ${typeOf(field.additionalProperties)}`;
  if (Array.isArray(field.enum)) return field.enum.map((value) => code(String(value))).join(', ');
  if (field.format === 'date-time') return 'time (RFC 3339)';
  return String(field.type ?? 'any');
}

function defaultOf(field: SchemaNode): string {
  const value = field.default;
  // An empty object says no more than that its own fields have defaults.
  if (value === undefined || JSON.stringify(value) === '{}') return '';
  return code(JSON.stringify(value));
}

/** Bounds of a scalar or of a list's length, and the rules that it carries itself. */
function limitsOf(field: SchemaNode): string[] {
  const range = (min: unknown, max: unknown, what: string): string[] => {
    if (min === undefined && max === undefined) return [];
    if (min === undefined) return [`At most ${String(max)}${what}.`];
    return [
      max === undefined ? `At least ${String(min)}${what}.` : `${String(min)} to ${String(max)}${what}.`,
    ];
  };
  const scalar = propertiesOf(field);
  return [
    ...range(field.minimum, field.maximum, ''),
    ...range(field.minLength, field.maxLength, ' characters'),
    ...range(field.minItems, field.maxItems, ' entries'),
    ...range(field.minProperties, field.maxProperties, ' entries'),
    // Those of an object stand in its own section.
    ...(Object.keys(scalar).length === 0 ? validationsOf(field).map((message) => `Rule: ${message}.`) : []),
  ];
}

function validationsOf(node: SchemaNode): string[] {
  return ((node['x-kubernetes-validations'] ?? []) as { message: string }[]).map(({ message }) => message);
}

function propertiesOf(node: SchemaNode): Record<string, SchemaNode> {
  return (node.properties ?? {}) as Record<string, SchemaNode>;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null;
}

/** As GitHub makes it of a heading: lower case, without punctuation. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9_ -]/g, '')
    .replaceAll(' ', '-');
}
