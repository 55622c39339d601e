// A strict reader of OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/), as far as counters and
// gauges go: whatever the specification does not allow is an error.

export interface Family {
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const DESCRIPTOR = new RegExp(`^# (TYPE|HELP) (${NAME}) (.*)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`)
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/

/** @throws Error with the line that is wrong */
export function readOpenMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('does not end with # EOF and a line feed')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let name = ''
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const wrong = (why: string): Error => new Error(`${why}: ${line}`)
    const [, kind, of = '', rest = ''] = DESCRIPTOR.exec(line) ?? []
    if (kind === 'TYPE') {
      if (families.has(of)) throw wrong('a family of which there is one already')
      if (rest !== 'counter' && rest !== 'gauge') throw wrong('not a type that we have')
      if (rest === 'counter' && of.endsWith('_total')) throw wrong('the name of a counter family ends in _total')
      families.set((name = of), { type: rest, help: '', samples: [] })
      continue
    }
    const family = families.get(name)
    if (!family) throw wrong('before any TYPE')
    if (kind === 'HELP') {
      if (of !== name || family.help !== '' || family.samples.length > 0) throw wrong('HELP out of its place')
      families.set(name, { ...family, help: rest })
      continue
    }
    const [, sample, labels = '', value] = SAMPLE.exec(line) ?? []
    if (sample !== (family.type === 'counter' ? `${name}_total` : name)) throw wrong('not a sample of its family')
    if (family.type === 'counter' && Number(value) < 0) throw wrong('a counter below nothing')
    const read = readLabels(labels)
    if (!read) throw wrong('labels that cannot be read')
    const key = `${sample} ${JSON.stringify(Object.entries(read).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
    if (seen.has(key)) throw wrong('a sample of which there is one already')
    seen.add(key)
    family.samples.push({ labels: read, value: Number(value) })
  }
  return families
}

function readLabels(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {}
  let left = text
  while (left !== '') {
    const [all = '', name = '', value = ''] = LABEL.exec(left) ?? []
    if (all === '' || Object.hasOwn(labels, name)) return undefined
    labels[name] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
    left = left.slice(all.length)
    if (left !== '' && !/^,./.test(left)) return undefined
    left = left.slice(1)
  }
  return labels
}
