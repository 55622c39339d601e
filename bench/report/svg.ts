// Charts as SVG, written by hand: a title, and groups of horizontal bars with their values beside them. They stand on
// pages, so they carry both their light and their dark clothes, and a ground of their own, since what is behind them need
// not follow the reader's theme.
//
// Rule 1: pure. The same bars give the same bytes.
// Rule 2: a bar is as long as its value, from nothing on; each group has a scale of its own, whose longest bar is full.

export interface BarChart {
  readonly title: string
  /** What the bars measure, and which way is better. */
  readonly subtitle: string
  readonly groups: readonly Group[]
}

export interface Group {
  /** Empty where there is only one. */
  readonly label: string
  /** More about it, in softer words. */
  readonly about?: string | undefined
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  /** Absent: there is no bar, and `text` says why. */
  readonly value: number | undefined
  readonly text: string
  /** After the text, in softer words. */
  readonly note?: string | undefined
  readonly kind: 'ours' | 'other' | 'limit'
}

const WIDTH = 860
const MARGIN = 20
const LABELS = 130
const VALUES = 220
const BAR = 18
const STEP = 24
const HEAD = 66

const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 }
  .soft { fill: #59636e }
  .group { font-weight: 600 }
  .about { font-weight: 400 }
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
export function barChart({ title, subtitle, groups }: BarChart): string {
  const drawn: string[] = []
  let y = HEAD
  for (const { label, about, bars } of groups) {
    if (label !== '') {
      const more = about === undefined ? '' : tspan(`\u2002${about}`, 'about soft')
      drawn.push(text(MARGIN, y + BAR - 4, escaped(label) + more, 'group'))
      y += STEP
    }
    const most = Math.max(0, ...bars.map(({ value = 0 }) => value))
    for (const bar of bars) {
      drawn.push(...drawBar(bar, y, most))
      y += STEP
    }
    y += 12
  }
  const height = y + 4
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text(MARGIN, 32, escaped(title), 'title'),
    text(MARGIN, 52, escaped(subtitle), 'soft'),
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function drawBar({ label, value, text: said, note, kind }: Bar, y: number, most: number): readonly string[] {
  const left = MARGIN + LABELS
  const words = y + BAR - 4
  const room = WIDTH - MARGIN - left - VALUES
  // What is nothing, or by the noise of the measurement less, is still seen to be there.
  const width = value === undefined ? 0 : Math.max(1, most > 0 ? (value / most) * room : 1)
  const bar = `<rect class="${kind}" x="${left}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="${Math.min(3, width / 2)}"/>`
  const more = note === undefined ? '' : tspan(`\u2002${note}`, 'soft')
  return [
    text(left - 10, words, escaped(label), kind === 'ours' ? 'group' : '', 'end'),
    ...(value === undefined ? [] : [bar]),
    text(value === undefined ? left : left + width + 8, words, escaped(said) + more, value === undefined ? 'soft' : ''),
  ]
}

function text(x: number, y: number, content: string, style: string, anchor?: 'end'): string {
  const [css, end] = [style === '' ? '' : ` class="${style}"`, anchor ? ' text-anchor="end"' : '']
  return `<text x="${Number(x.toFixed(1))}" y="${y}"${css}${end}>${content}</text>`
}

const tspan = (words: string, style: string): string => `<tspan class="${style}">${escaped(words)}</tspan>`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (words: string): string => words.replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
