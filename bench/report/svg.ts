// Charts as SVG, written by hand: a title, groups of horizontal bars with their values beside them, and where it is wanted
// a line for a goal. They stand in README, so they carry both their light and their dark clothes, and a ground of their
// own, since what is behind them need not follow the reader's theme.
//
// Rule: pure. The same bars give the same bytes.

export interface BarChart {
  readonly title: string
  /** What the bars measure, and which way is better. */
  readonly subtitle: string
  readonly groups: readonly Group[]
  /** `log` where values lie orders of magnitude apart; then every value is positive. */
  readonly scale: 'linear' | 'log'
}

export interface Group {
  /** Empty where there is only one. */
  readonly label: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  /** Absent: there is no bar, and `text` says why. */
  readonly value: number | undefined
  readonly text: string
  readonly kind: 'ours' | 'other' | 'limit'
}

const WIDTH = 860
const MARGIN = 20
const LABELS = 190
const VALUES = 150
const BAR = 18
const STEP = 24
const HEAD = 66

const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 }
  .soft { fill: #59636e }
  .group { font-weight: 600 }
  .ours { fill: #0a7d55 }
  .other { fill: #8c959f }
  .limit { fill: none; stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .soft { fill: #9198a1 }
    .ours { fill: #3fb984 }
    .other { fill: #6e7681 }
    .limit { stroke: #9198a1 }
  }`

/** The chart as an SVG document. */
export function barChart({ title, subtitle, groups, scale }: BarChart): string {
  const values = groups.flatMap(({ bars }) => bars.flatMap(({ value }) => (value === undefined ? [] : [value])))
  const width = widthOf(values, scale)
  const drawn: string[] = []
  let y = HEAD
  for (const { label, bars } of groups) {
    if (label !== '') {
      drawn.push(text(MARGIN, y + BAR - 4, label, 'group'))
      y += STEP
    }
    for (const bar of bars) {
      drawn.push(...drawBar(bar, y, bar.value === undefined ? 0 : width(bar.value)))
      y += STEP
    }
    y += 10
  }
  const height = y + 8
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text(MARGIN, 32, title, 'title'),
    text(MARGIN, 52, subtitle, 'soft'),
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function drawBar({ label, value, text: said, kind }: Bar, y: number, width: number): readonly string[] {
  const left = MARGIN + LABELS
  const words = y + BAR - 4
  const bar =
    value === undefined
      ? []
      : [`<rect class="${kind}" x="${left}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3"/>`]
  return [
    text(MARGIN + LABELS - 10, words, label, '', 'end'),
    ...bar,
    text(left + width + 8, words, said, value === undefined ? 'soft' : ''),
  ]
}

/** The length of a bar by its value: on a logarithmic scale the shortest is not nothing. */
function widthOf(values: readonly number[], scale: BarChart['scale']): (value: number) => number {
  const room = WIDTH - 2 * MARGIN - LABELS - VALUES
  const most = Math.max(...values, 0)
  if (scale === 'linear') return (value) => (most > 0 ? Math.max(1, (value / most) * room) : 1)
  const floor = 10 ** Math.floor(Math.log10(Math.min(...values)) - 0.2)
  const span = Math.log10(most / floor)
  return (value) => Math.max(1, (Math.log10(value / floor) / span) * room)
}

function text(x: number, y: number, words: string, style: string, anchor?: 'end'): string {
  const [css, end] = [style === '' ? '' : ` class="${style}"`, anchor ? ' text-anchor="end"' : '']
  return `<text x="${Number(x.toFixed(1))}" y="${y}"${css}${end}>${escaped(words)}</text>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (words: string): string => words.replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
