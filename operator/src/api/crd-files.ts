import { stringify } from 'yaml';
import { customResourceDefinition } from './crd.ts';

const NOTE = 'Generated from operator/src/api by "npm run generate". Do not edit.';

/** The CRD as a file for `kubectl apply -f`. */
export function crdYaml(): string {
  return `# ${NOTE}\n${yaml(customResourceDefinition())}`;
}

/**
 * The CRD as a Helm template: rendered if `crds.enabled`, and left in place on uninstall if `crds.keep`.
 * Templates, unlike a chart's crds/ folder, are upgraded with the chart.
 */
export function crdTemplate(): string {
  const { metadata, ...rest } = customResourceDefinition();
  const { name } = metadata as { name: string };
  const { apiVersion, kind, spec } = rest;
  return [
    `{{- /* ${NOTE} */}}`,
    '{{- if .Values.crds.enabled }}',
    escapeTemplate(yaml({ apiVersion, kind })).trimEnd(),
    'metadata:',
    `  name: ${name}`,
    '  {{- if .Values.crds.keep }}',
    '  annotations:',
    '    helm.sh/resource-policy: keep',
    '  {{- end }}',
    escapeTemplate(yaml({ spec })).trimEnd(),
    '{{- end }}',
    '',
  ].join('\n');
}

/** Text that Helm is to print as it is. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
