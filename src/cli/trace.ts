// `sallyport trace`: what passes between us and a peer, line after line as it happens, until its time is over or Ctrl-C.

import process from 'node:process'
import { trace, traceBodies, TRACE_SECONDS, TraceProgressShape, type TraceProgressOutput } from '../admin/trace.ts'
import { DURATION } from '../config/values.ts'
import { UsageError } from './arguments.ts'
import { caller } from './caller.ts'
import { EXIT, type Command } from './command.ts'
import { tone, type Cell, type Output } from './output.ts'
import { count } from './text.ts'

export const traceCommand: Command = {
  name: 'trace',
  about:
    'Watch live what passes between us and a partner, or an address: connections, TLS, negotiation, stanzas, refusals.',
  positionals: [{ name: 'peer', about: 'a domain of the partner, also one without an entry, or an IP address' }],
  options: {
    for: {
      value: 'TIME',
      about: `How long (default: ${TRACE_SECONDS.usual / 60}m, at most ${TRACE_SECONDS.most / 3600}h).`,
    },
    bodies: { about: 'Show what stanzas say; that you did stands in the log of the gateway.' },
  },
  notes: [
    '← is what the peer says, → what we say. Of stanzas only addressing and names of elements are shown, …12… stands for 12',
    'characters. What proves who somebody is (SASL, keys of dialback, handshakes of components) is never shown.',
    'Ctrl-C ends it. With --json every line is a document.',
  ],
  async run({ arguments: words, output, ask }) {
    const operation = words.flag('bodies') ? traceBodies : trace
    const input = { subject: words.required('peer'), seconds: secondsOf(words.option('for')), by: caller() }
    const shown = new Lines(output)
    const enough = new AbortController()
    const interrupt = (): void => enough.abort()
    process.once('SIGINT', interrupt)
    try {
      const { lines, leftOut, ended } = await ask(operation, input, (progress) => shown.show(progress), enough.signal)
      if (output.json) output.record({ kind: 'over', lines, leftOut, ended })
      else {
        const missing = leftOut > 0 ? `, ${leftOut} left out` : ''
        const why = { time: 'its time is over', caller: 'ended by you', stopped: 'the gateway stops' }[ended]
        output.note(tone('quiet', `${count(lines, 'line')}${missing}; ${why}`))
      }
      return EXIT.fine
    } finally {
      process.off('SIGINT', interrupt)
    }
  },
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = DURATION.read(text)
  const { least, most } = TRACE_SECONDS
  if (ms === undefined || ms < least * 1000 || ms > most * 1000)
    throw new UsageError(`--for: write a time from ${least}s to ${most / 3600}h`, 'trace')
  return ms / 1000
}

type Line = Extract<TraceProgressOutput, { kind: 'line' }>

/** Lines of a trace: seconds since its beginning, which connection, which way, and what. */
class Lines {
  readonly #output: Output
  #begun = 0

  constructor(output: Output) {
    this.#output = output
  }

  show(progress: unknown): void {
    const read = TraceProgressShape.safeParse(progress)
    if (!read.success) return
    const { data } = read
    if (this.#output.json) return this.#output.record(data)
    if (data.kind === 'line') return this.#line(data)
    if (data.kind === 'left-out')
      return this.#output.line(tone('careful', `          ${count(data.lines, 'line')} left out`))
    this.#begun = Date.parse(data.at)
    const bodies = data.bodies ? ', with what stanzas say' : ''
    this.#output.note(tone('quiet', `traces ${data.about.join(', ')} from ${data.at}${bodies}; Ctrl-C ends it`))
  }

  #line({ at, connection, peer, what, way, text, mood, reason, reference }: Line): void {
    const seconds = ((Date.parse(at) - this.#begun) / 1000).toFixed(3)
    const arrow = way === 'in' ? '←' : way === 'out' ? '→' : ' '
    const words: Cell = mood ? tone(mood, text) : what === 'stanza' ? tone('strong', text) : text
    // The address, and as much of the reference as tells connections of one address apart.
    const where = connection === undefined ? '-' : `${peer ?? ''}#${connection.slice(0, 4)}`
    this.#output.line(
      tone('quiet', `${seconds.padStart(9)} ${where.padEnd(20)} `),
      `${arrow} `,
      words,
      tone('quiet', [reason, reference].map((one) => (one === undefined ? '' : ` ${one}`)).join('')),
    )
  }
}
