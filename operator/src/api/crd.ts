import * as z from 'zod';
import { CONDITION_TYPES } from './conditions.ts';
import { GROUP, KIND, MAX_NAME_LENGTH, NAME_PATTERN, S3PROXY, VERSION } from './s3proxy.ts';
import { specSchema } from './spec.ts';
import { statusSchema, UNOBSERVED } from './status.ts';
import { type SchemaNode, toStructural } from './structural-schema.ts';

export const CRD_NAME = `${S3PROXY.plural}.${GROUP}`;

/** Schema of an S3Proxy as the CRD states it. */
export function openApiSchema(): SchemaNode {
  return {
    type: 'object',
    description: 'S3Proxy publishes a private S3 bucket over HTTP.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}` },
      kind: { type: 'string', description: KIND },
      metadata: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: MAX_NAME_LENGTH } },
      },
      spec: structural(specSchema, 'spec'),
      status: { ...structural(statusSchema, 'status'), default: UNOBSERVED },
    },
    'x-kubernetes-validations': [
      {
        rule: `self.metadata.name.matches('${NAME_PATTERN.source}')`,
        message:
          'the name must begin with a letter and hold lower-case letters, digits and "-" alone: it names a Service',
        fieldPath: '.metadata.name',
      },
    ],
  };
}

/** The CustomResourceDefinition, as it is committed and as the chart installs it. */
export function customResourceDefinition(): SchemaNode {
  const condition = (type: string, field: string): string =>
    `.status.conditions[?(@.type=="${type}")].${field}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: CRD_NAME },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: S3PROXY.plural,
        singular: 's3proxy',
        shortNames: ['s3p'],
        categories: ['all'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: [
            { name: 'Bucket', type: 'string', jsonPath: '.spec.bucket.name' },
            { name: 'URL', type: 'string', jsonPath: '.status.url' },
            { name: 'Ready', type: 'string', jsonPath: condition(CONDITION_TYPES.ready, 'status') },
            { name: 'Status', type: 'string', jsonPath: condition(CONDITION_TYPES.ready, 'reason') },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          schema: { openAPIV3Schema: openApiSchema() },
        },
      ],
    },
  };
}

function structural(schema: z.ZodType, path: string): SchemaNode {
  const { $schema: _, ...node } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
  }) as SchemaNode;
  return toStructural(node, path);
}
