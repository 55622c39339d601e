// `sallyport probe`: a live test of a partner. The stages appear as they happen; at the end the first wrong thing, whose
// it is, what to do, and the text for the other administrator.

import { probe, PROBE_SECONDS } from '../admin/probe.ts'
import { ProbeProgressShape, type ProbeOutput } from '../admin/probe-shapes.ts'
import { reasonOf } from '../admin/schemas.ts'
import { DURATION } from '../config/values.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Output } from './output.ts'
import { showStage, showUntried } from './probe-stages.ts'

export const probeCommand: Command = {
  name: 'probe',
  about: 'Test a partner live, admitted or not: DNS, every address, TLS, authentication, a ping, and their way to us.',
  positionals: [{ name: 'domain', about: 'the domain of the partner' }],
  options: {
    from: { value: 'DOMAIN', about: 'Whom of ours to speak for (default: the first of `domains:`).' },
    timeout: { value: 'TIME', about: `For everything together (default: ${PROBE_SECONDS.usual}s).` },
  },
  notes: [
    'Nothing follows from a probe: the domain is not admitted, and nothing is sent but one ping.',
    'Without a running gateway their way to us cannot be tested.',
    'Exit code 1: something is wrong; what, whose it is and what to write to them stands at the end.',
  ],
  async run(context) {
    const { output, arguments: words } = context
    const input = {
      domain: words.required('domain'),
      from: words.option('from'),
      seconds: secondsOf(words.option('timeout')),
    }
    const tell = (progress: unknown): void => {
      const read = ProbeProgressShape.safeParse(progress)
      if (read.success && !output.json) showStage(output, read.data)
    }
    const report = await askOrRead(context, probe, input, tell)
    output.answer(report, () => showOutcome(output, report))
    return report.findings.some(({ severity }) => severity === 'fault') ? EXIT.finding : EXIT.fine
  },
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = DURATION.read(text)
  const { least, most } = PROBE_SECONDS
  if (ms === undefined || ms < least * 1000 || ms > most * 1000)
    throw new UsageError(`--timeout: write a time from ${least}s to ${most}s`, 'probe')
  return ms / 1000
}

type Finding = ProbeOutput['findings'][number]

const SIDES = { ours: 'ours', theirs: 'theirs', network: 'the network between us' } as const

function showOutcome(output: Output, report: ProbeOutput): void {
  const { findings, letter, domain, ours } = report
  showUntried(output, report)
  const faults = findings.filter(({ severity }) => severity === 'fault')
  const notes = findings.filter(({ severity }) => severity === 'note')
  const [first, ...further] = faults
  output.line()
  if (!first) {
    const admitted = ours.refused === undefined ? '' : ', but it is not admitted here'
    output.line(tone('good', `Everything is right between ${ours.domain} and ${domain}${admitted}.`))
  } else {
    output.line(tone('bad', 'The first wrong thing: '), first.sentence)
    showFinding(output, first)
  }
  for (const [title, list] of [
    ['Wrong as well', further],
    ['To know', notes],
  ] as const) {
    if (list.length === 0) continue
    output.heading(title)
    for (const finding of list) {
      output.line('  ', finding.sentence)
      showFinding(output, finding, '    ')
    }
  }
  if (letter === undefined) return
  output.heading('For their administrator')
  output.line()
  output.block(letter, '')
}

function showFinding(output: Output, { reason, side, act }: Finding, indent = '  '): void {
  output.facts(
    [
      ['reason', `${reason} ${reasonOf(reason)?.name ?? ''}`],
      ['whose', SIDES[side]],
      ['what to do', act],
    ],
    indent,
  )
}
