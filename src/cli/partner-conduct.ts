// `sallyport partner conduct`: how domains outside behave, what followed from it, and what is to hold instead.

import { partnerConduct, partnerConductSet } from '../admin/conduct.ts'
import type { ConductOutput } from '../admin/conduct-shape.ts'
import { UsageError } from './arguments.ts'
import { consented, YES } from './consent.ts'
import { askedBy } from './partner-options.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { tone, type Cell, type Output } from './output.ts'
import { duration } from './text.ts'

export const conductCommand: Command = {
  name: 'partner conduct',
  about: 'Show how domains outside behave (normal, limited, watch or blocked), and say how one is to be met.',
  positionals: [
    {
      name: 'domain',
      about: 'the domain of a partner or of anybody else; default: all that misbehaved',
      optional: true,
    },
  ],
  options: {
    set: {
      value: 'STATE',
      about: 'normal, limited, watch or blocked, whatever it does; auto: what follows from what it does.',
    },
    for: { value: 'TIME', about: 'With --set: for so long, such as 2h; then what follows from what it does.' },
    reason: { value: 'TEXT', about: 'With --set: why, for the record.' },
    ...YES,
  },
  notes: ['Exit code 1: one of those shown is not normal.'],
  async run(context) {
    const { ask, output, arguments: words, now } = context
    const [domain, state] = [words.word('domain'), words.option('set')]
    if (state !== undefined) return await say(context, state)
    if ((words.option('for') ?? words.option('reason')) || words.flag('yes'))
      throw new UsageError('--for, --reason and --yes go with --set', 'partner conduct')
    const answer = await ask(partnerConduct, { domain })
    output.answer(answer, () => {
      if (answer.domains.length === 0) output.line(`${domain ?? 'everybody'}: normal, and nothing else is remembered`)
      else showConducts(output, answer.domains, now())
    })
    return answer.domains.every((one) => one.state === 'normal') ? EXIT.fine : EXIT.finding
  },
}

async function say(context: CommandContext, state: string): Promise<number> {
  const { ask, output, arguments: words, now } = context
  const domain = words.word('domain')
  if (domain === undefined) throw new UsageError('--set needs a domain', 'partner conduct')
  const asked = { domain, state, for: words.option('for'), ...askedBy(words) }
  const answer = await consented(context, (yes) => ask(partnerConductSet, { ...asked, yes }))
  output.answer(answer, () => showConducts(output, [answer], now()))
  return EXIT.fine
}

/** One row for each. */
export function showConducts(output: Output, domains: readonly ConductOutput[], now: number): void {
  output.table(
    ['domain', 'state', 'by what it does', 'since', 'points', 'said by hand'],
    domains.map((one) => [
      tone('strong', one.domain),
      stateCell(one),
      one.found,
      `${duration(Math.max(0, now - Date.parse(one.since)))} ago`,
      pointsText(one),
      saidText(one, now),
    ]),
  )
}

function stateCell({ state, counts }: ConductOutput): Cell {
  if (state === 'normal') return tone('good', state)
  if (!counts) return tone('careful', `${state}, only told: it has an entry`)
  return tone(state === 'limited' ? 'careful' : 'bad', state)
}

const pointsText = ({ sum, points }: ConductOutput): string => {
  const parts = Object.entries(points).map(([what, some]) => `${what} ${Math.round(some)}`)
  return parts.length === 0 ? '0' : `${Math.round(sum)} (${parts.join(', ')})`
}

function saidText({ held }: ConductOutput, now: number): string | undefined {
  if (held === undefined) return undefined
  const until = held.until === undefined ? '' : `, for ${duration(Math.max(0, Date.parse(held.until) - now))} more`
  return `of it and all names below, by ${held.by}${until}${held.why === undefined ? '' : `: ${held.why}`}`
}
