// A run as Markdown: what was measured where, the figures that matter side by side, charts, and a table for each workload.
//
// Rule 1: figures are medians as they stand in the results; nothing is left out because it is not flattering.
// Rule 2: servers are compared with the best of them, and limits with what they are the limit of.

import type { Entry, Figure, FigureKind, Results, WorkloadResult } from '../results.ts'
import type { Judged } from './goals.ts'
import { Run } from './medians.ts'
import { contestantName, workloadTitle } from './names.ts'
import { digits, times, written } from './numbers.ts'
import { table } from './table.ts'

/** The whole of it, headings from the third level on. `charts`: names and texts of pictures. */
export function summary(
  results: Results,
  charts: readonly { readonly file: string; readonly title: string }[],
): string {
  return [
    machine(results),
    overview(results),
    ...charts.map(({ file, title }) => `![${title}](${file})`),
    '<details>\n<summary>Who took part, and all figures</summary>',
    participants(results),
    ...results.workloads.map((workload) => section(workload)),
    '</details>',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** What a machine that does nothing else may have had to do the minute before. */
const QUIET = 1

function machine({ machine: m, begun, asked, workloads }: Results): string {
  const { processor, cores, memoryBytes, system, load } = m
  const where = `${processor}; ${cores} cores, ${written(memoryBytes, 'bytes')} of memory; ${system}`
  const how = `Each figure is the median of ${asked.runs} runs of ${asked.seconds} s after a warm-up of ${asked.warmUpSeconds} s`
  const has = (...names: readonly string[]): boolean => workloads.some(({ name }) => names.includes(name))
  const alone = [
    has('idle', 'stalled')
      ? '; idle and stalled, which take longer, ran once, and latency had runs of at least 5 s'
      : '',
    has('remote-idle', 'remote-reconnect')
      ? '; idle sessions and those that come again, which take longer, ran once, and round trips had runs of at least 5 s'
      : '',
  ].join('')
  return [`Measured on ${begun.slice(0, 10)}. ${where}. ${how}${alone}.`, busy(load), generator(workloads)]
    .filter(Boolean)
    .join(' ')
}

/** Said of a run whose machine had other work when it began. */
const busy = (load = 0): string =>
  load > QUIET
    ? `**The machine had other work: its load average was ${digits(load)} when the run began**, so that nothing here is what a quiet one would show.`
    : ''

/** How far the generator is from being the limit of anybody. */
function generator(workloads: readonly WorkloadResult[]): string {
  const entry = entryOf(workloads, 'bulk-in', 'pipe')
  if (entry?.outcome !== 'measured') return ''
  const { perSecond, generatorCores, sinkCores } = entry.figures
  if (!perSecond || !generatorCores || !sinkCores) return ''
  const [made, taken] = [generatorCores, sinkCores].map(({ median }) => `${Math.round(median * 100)} %`)
  return `Into the bare Node pipe the generator sent ${written(perSecond.median, 'count')} stanzas per second; that kept ${made} of one processor busy, and the sink ${taken}.`
}

const entryOf = (workloads: readonly WorkloadResult[], workload: string, contestant: string): Entry | undefined =>
  workloads.find(({ name }) => name === workload)?.entries.find((entry) => entry.contestant === contestant)

/** What is put side by side. The bare program in Node is the pipe, where streams are counted the TLS server, and `node:crypto`. */
const OVERVIEW: readonly (readonly [text: string, workload: string, figure: string])[] = [
  ['bulk in: stanzas per CPU-second', 'bulk-in', 'perCpuSecond'],
  ['bulk in: stanzas per second', 'bulk-in', 'perSecond'],
  ['bulk out: stanzas per CPU-second', 'bulk-out', 'perCpuSecond'],
  ['bulk out: stanzas per second', 'bulk-out', 'perSecond'],
  ['through: stanzas per CPU-second', 'through', 'perCpuSecond'],
  ['many: stanzas per CPU-second', 'many', 'perCpuSecond'],
  ['mixed: stanzas per CPU-second', 'mixed', 'perCpuSecond'],
  ['new streams per CPU-second', 'handshakes', 'perCpuSecond'],
  ['latency added at 500/s, p50', 'latency-500', 'addedP50'],
  ['latency added at 500/s, p99', 'latency-500', 'addedP99'],
  ['latency added at 1,000/s, p50', 'latency-1000', 'addedP50'],
  ['latency added at 1,000/s, p99', 'latency-1000', 'addedP99'],
  ['memory of an idle stream', 'idle', 'bytesPerStream'],
  ['memory gained while the far end is stalled', 'stalled', 'grownBytes'],
  ['bulk in with 10,000 partners: more CPU time', 'bulk-in-10000', 'slower'],
  ['many with 10,000 partners: more CPU time', 'many-10000', 'slower'],
  ['new streams of strangers per CPU-second', 'trust-newcomers', 'perCpuSecond'],
  ['a chain never seen, P-256', 'trust-chains', 'p256'],
  ['a chain never seen, P-384', 'trust-chains', 'p384'],
  ['a chain never seen, Ed25519', 'trust-chains', 'ed25519'],
  ['a chain never seen, RSA 2048', 'trust-chains', 'rsa2048'],
  ['a chain never seen, RSA 3072', 'trust-chains', 'rsa3072'],
  ['a chain seen before', 'trust-chains', 'seen'],
  ['a look-up in a CRL of 100,000 entries', 'trust-crl', 'lookup'],
  ['memory of that CRL', 'trust-crl', 'bytes'],
  ['bulk in with 10,000 partners, 200 groups and 30 rules: more CPU time', 'policy-bulk-in', 'slower'],
  ['the same: stanzas per CPU-second', 'policy-bulk-in', 'perCpuSecond'],
  ['that configuration read again, while traffic runs', 'policy-reload', 'reload'],
  ['longest delay of a stanza meanwhile', 'policy-reload', 'delayed'],
  ['that configuration read at the start', 'policy-load', 'load'],
  ['a look-up among a million relations', 'policy-relations', 'lookup'],
  ['memory of a million relations', 'policy-relations', 'bytes'],
  ['a million relations on disk', 'policy-relations', 'diskBytes'],
  ['memory of an idle session, inner leg in plaintext', 'remote-idle', 'plainBytes'],
  ['memory of an idle session, inner leg in TLS', 'remote-idle', 'tlsBytes'],
  ['log-ins per second to Prosody', 'remote-log-ins', 'prosodyThrough'],
  ['log-ins per second to ejabberd', 'remote-log-ins', 'ejabberdThrough'],
  ['round trip of a chat at 500/s, added, p50', 'remote-chat', 'addedP50'],
  ['round trip of a chat at 500/s, added, p99', 'remote-chat', 'addedP99'],
  ['1,000 sessions in turn: stanzas per CPU-second', 'remote-turns', 'perCpuSecond'],
  ['8,000 sessions come again: until all are there', 'remote-reconnect', 'milliseconds'],
]

/** What a front page shows of it: the figures that people ask for first. */
const FRONT: ReadonlySet<string> = new Set([
  ...['bulk-in perCpuSecond', 'bulk-out perCpuSecond', 'many perCpuSecond', 'mixed perCpuSecond'],
  ...['handshakes perCpuSecond', 'latency-500 addedP50', 'latency-500 addedP99'],
  ...['idle bytesPerStream', 'stalled grownBytes'],
])

/** The front page's table: Sallyport, servers and the best of them; and when it was measured. */
export function front(results: Results): string {
  const rows = OVERVIEW.filter(([, workload, name]) => FRONT.has(`${workload} ${name}`))
  const { machine: on, begun, asked } = results
  const when = `Measured on ${begun.slice(0, 10)} on ${on.cores} cores (${on.processor}); medians of ${asked.runs} runs, the last two rows of one.`
  return `${[when, busy(on.load)].filter(Boolean).join(' ')}\n\n${overview(results, rows, false)}`
}

function overview(results: Results, figures = OVERVIEW, limits = true): string {
  const run = new Run(results)
  const { workloads, contestants } = results
  const servers = Object.keys(contestants).filter((name) => contestants[name]?.kind === 'server')
  const columns = [
    ['sallyport'],
    ...servers.map((name) => [name]),
    [],
    ...(limits ? [['haproxy'], ['pipe', 'tls-server', 'node-crypto']] : []),
  ]
  const rows = figures.flatMap(([text, workload, name]) => {
    const measured = workloads
      .find((one) => one.name === workload)
      ?.entries.filter(({ outcome }) => outcome !== 'refused')
    if (measured === undefined) return []
    const { better = 'more' } = measured.flatMap((entry) => figureOf(entry, name) ?? [])[0] ?? {}
    const ratio = run.overBest(workload, name, better === 'less' ? 'less' : 'more')
    const cells = columns.map((names) => {
      if (names.length === 0) return ratio === undefined || ratio <= 0 ? '' : times(ratio)
      const entry = measured.find(({ contestant }) => names.includes(contestant))
      return entry === undefined ? '' : cell(entry, name)
    })
    const [ours = '', ...others] = cells
    return [[text, ours === '' ? '' : `**${ours}**`, ...others]]
  })
  const heads = columns.map(([name]) => (name === undefined ? 'beside the best server' : contestantName(name)))
  return table(['', ...(limits ? [...heads.slice(0, -1), 'bare Node'] : heads)], rows)
}

const figureOf = (entry: Entry, name: string): Figure | undefined =>
  entry.outcome === 'measured' ? entry.figures[name] : undefined

function cell(entry: Entry, name: string): string {
  if (entry.outcome === 'failed') return 'failed'
  const found = figureOf(entry, name)
  return found === undefined ? '' : written(found.median, found.unit)
}

function participants({ contestants }: Results): string {
  const rows = Object.entries(contestants).map(([name, { version, about }]) => [contestantName(name), about, version])
  return table(['', 'what it is', 'version'], rows, 'words')
}

/** The goals, what came of them, and whether that is enough. */
export function goalsTable(judged: readonly Judged[]): string {
  const rows = judged.map(({ goal, value, verdict }) => {
    const sign = goal.better === 'more' ? '≥' : '≤'
    const said = value === undefined ? '—' : goal.as(value)
    return [goal.text, said, `${sign} ${goal.as(goal.goal)}`, `${sign} ${goal.as(goal.floor)}`, verdict]
  })
  return table(['goal', 'measured', 'goal', 'floor', ''], rows)
}

function section({ name, about, entries }: WorkloadResult): string {
  const kinds = kindsOf(entries)
  const rows = entries.flatMap((entry): readonly (readonly string[])[] => {
    const who = contestantName(entry.contestant)
    if (entry.outcome === 'refused') return []
    if (entry.outcome === 'measured') return [[who, ...kinds.map(([figure]) => cell(entry, figure))]]
    return [[who, entry.outcome === 'failed' ? `failed: ${entry.why}` : entry.why]]
  })
  return [
    `### ${workloadTitle(name).title}`,
    `\`${name}\`: ${about}.`,
    table(['', ...kinds.map(([, kind]) => kind.about)], rows),
    refusals(entries),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Who was not measured, by the reason. */
function refusals(entries: readonly Entry[]): string {
  const refused = entries.flatMap((entry) => (entry.outcome === 'refused' ? [entry] : []))
  const byReason = Map.groupBy(refused, ({ why }) => why)
  const told = [...byReason].map(
    ([why, those]) => `${those.map(({ contestant }) => contestantName(contestant)).join(', ')}: ${why}`,
  )
  return told.length === 0 ? '' : `Not measured: ${told.join('; ')}.`
}

/** The figures that compare, by name, as the first that were measured have them. */
function kindsOf(entries: readonly Entry[]): readonly (readonly [name: string, kind: FigureKind])[] {
  const known = new Map<string, FigureKind>()
  for (const entry of entries) {
    if (entry.outcome !== 'measured') continue
    for (const [name, kind] of Object.entries(entry.figures)) if (kind.better !== 'neither') known.set(name, kind)
  }
  return [...known]
}
