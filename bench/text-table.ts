export interface Column<F> {
  title: string;
  cell: (figure: F) => string;
}

const FIRST_WIDTH = 26;

/**
 * Figures as a table for people, one system a line, its title in the first column's head.
 * @param width characters of each column but the first
 */
export function formatTable<F extends { system: string }>(
  title: string,
  columns: readonly Column<F>[],
  figures: readonly F[],
  width: number,
): string {
  const rows = [
    [title, ...columns.map((column) => column.title)],
    ...figures.map((figure) => [figure.system, ...columns.map(({ cell }) => cell(figure))]),
  ];
  return rows
    .map(
      ([first = '', ...rest]) =>
        first.padEnd(FIRST_WIDTH) + rest.map((text) => text.padStart(width)).join(''),
    )
    .join('\n')
    .concat('\n');
}
