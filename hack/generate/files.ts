import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiSchema } from '../../operator/src/api/crd.ts';
import { crdTemplate, crdYaml } from '../../operator/src/api/crd-files.ts';
import { apiReference } from './api-reference.ts';
import { valuesTable } from './chart-values.ts';
import { withGenerated } from './generated-part.ts';

export interface GeneratedFile {
  /** From the repository's root. */
  path: string;
  /** What it is made from, for a message. */
  source: string;
  content: string;
}

/** Every generated file of the repository, as it ought to be. */
export async function generatedFiles(repository: string): Promise<GeneratedFile[]> {
  const text = (path: string): Promise<string> => readFile(join(repository, path), 'utf8');
  const api = 'operator/src/api';
  return [
    { path: 'crds/s3proxy.dev_s3proxies.yaml', source: api, content: crdYaml() },
    { path: 'chart/templates/crd.yaml', source: api, content: crdTemplate() },
    { path: 'docs/api.md', source: api, content: apiReference(openApiSchema()) },
    {
      path: 'chart/README.md',
      source: 'chart/values.yaml',
      content: withGenerated(await text('chart/README.md'), valuesTable(await text('chart/values.yaml'))),
    },
  ];
}
