import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression mentions. */
export interface Mentioned {
  metrics: string[];
  /** In matchers and in groupings. */
  labels: string[];
}

/** Reads an expression by Prometheus' own grammar. @throws SyntaxError that names the place */
export function mentionedIn(expression: string): Mentioned {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(expression).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new SyntaxError(`at ${from}: ${expression}`);
      const text = expression.slice(from, to);
      if (type.name === 'LabelName') labels.add(text);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') metrics.add(text);
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}
