import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinition } from '../../operator/src/api/crd.ts';
import { escapeTemplate } from '../../operator/src/api/crd-files.ts';
import { CHART } from './helm.ts';

interface Crd {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: {
    versions: {
      schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } } };
    }[];
  };
}

/**
 * Writes the chart as an earlier release of the same operator would have been: with a lower version, and a definition of S3Proxies
 * that does not know `spec.<field>` yet. There was no release so far; what an upgrade must not change is in replicas.test.ts.
 */
export async function writePreviousChart(directory: string, field: string): Promise<string> {
  const chart = join(directory, 'previous-chart');
  await cp(CHART, chart, { recursive: true });
  const metadata = join(chart, 'Chart.yaml');
  await writeFile(metadata, (await readFile(metadata, 'utf8')).replace(/^version: .*$/m, 'version: 0.0.1'));
  const crd = structuredClone(customResourceDefinition()) as unknown as Crd;
  crd.metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
  for (const { schema } of crd.spec.versions) delete schema.openAPIV3Schema.properties.spec.properties[field];
  const text = escapeTemplate(stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false }));
  await writeFile(join(chart, 'templates', 'crd.yaml'), text);
  return chart;
}
