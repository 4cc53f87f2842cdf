/** The sum of all series of one metric in a Prometheus text exposition; 0 where it has none. */
export function totalOf(exposition: string, metric: string): number {
  let total = 0;
  for (const line of exposition.split('\n')) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{.*\})? (\S+)/.exec(line);
    if (match?.[1] === metric) total += Number(match[2]);
  }
  return total;
}
