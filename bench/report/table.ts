// A table in Markdown: the first column to the left, the others, where they are numbers, to the right.

/** Rows are padded with empty cells; what would break a cell is written so that it does not. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  content: 'numbers' | 'words' = 'numbers',
): string {
  const line = (cells: readonly string[]): string => `| ${head.map((_, n) => cell(cells[n] ?? '')).join(' | ')} |`
  const rule = `|${head.map((_, n) => (n === 0 || content === 'words' ? '---' : '---:')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')
