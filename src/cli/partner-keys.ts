// The keys by which a partner is known, and `sallyport partner confirm-certificate`: what was, what is, and whose it is.

import { confirmCertificate } from '../admin/certificates.ts'
import { partnerShow } from '../admin/partners.ts'
import type { KeyOutput } from '../admin/schemas.ts'
import { UsageError } from './arguments.ts'
import { caller } from './caller.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Cell, type Output } from './output.ts'
import { count } from './text.ts'

export const confirmCertificateCommand: Command = {
  name: 'partner confirm-certificate',
  about: 'Show which keys of a partner wait for a decision, and say that they are theirs, or that they are not.',
  positionals: [{ name: 'domain', about: "the partner's domain" }],
  options: {
    pin: { value: 'sha256/…', about: 'This key, also one that has not been seen yet.', many: true },
    yes: { about: 'All keys that wait.' },
    refuse: { about: "They are not the partner's: from now on they prove nothing, whatever the settings say." },
  },
  notes: ['Without --pin and --yes nothing is changed; exit code 1 says that keys wait.'],
  async run(context) {
    const { arguments: words, output } = context
    const domain = words.required('domain')
    const named = words.options('pin')
    if (named && words.flag('yes'))
      throw new UsageError('write --pin or --yes, not both', 'partner confirm-certificate')
    const shown = await askOrRead(context, partnerShow, { domain })
    const waiting = shown.keys.filter(isWaiting)
    const pins = named ?? (words.flag('yes') ? [...new Set(waiting.map(({ spki }) => spki))] : [])
    if (pins.length > 0) return decide(context, pins)
    output.answer({ domain: shown.domain, waiting, keys: shown.keys }, () => {
      if (waiting.length === 0) return output.line(`${shown.domain}: no key waits for a decision`)
      output.line(
        tone('strong', shown.domain),
        ': ',
        tone('careful', `${count(waiting.length, 'key')} to be decided about`),
      )
      for (const key of waiting) showWaiting(output, key, shown.keys)
      output.heading('What to do')
      output.paragraph('Ask the partner, by another way than this one, whether the key is theirs. Then say so:', '  ')
      const commands = [...placesOf(waiting, shown.domain)].map(
        ([spki, name]) => `sallyport partner confirm-certificate ${name} --pin ${spki}`,
      )
      output.block(commands.join('\n'))
      output.paragraph('If it is not theirs, the same with --refuse.', '  ')
    })
    return waiting.length > 0 ? EXIT.finding : EXIT.fine
  },
}

async function decide({ ask, arguments: words, output }: CommandContext, pins: readonly string[]): Promise<number> {
  const say = words.flag('refuse') ? 'refuse' : 'confirm'
  const answer = await ask(confirmCertificate, { domain: words.required('domain'), pins, say, by: caller() })
  output.answer(answer, () => {
    for (const { domain, spki, certificate } of answer.keys) {
      const seen = certificate ? '' : ', which has not been seen yet'
      const said = say === 'confirm' ? `is known by ${spki}${seen}` : `is not believed with ${spki}${seen}`
      output.line(`${domain} ${said}; in force now`)
    }
    for (const note of answer.notes) output.line(tone('careful', note))
  })
  return EXIT.fine
}

/** The keys of a partner in a table; nothing where none is known. */
export function showKeys(output: Output, keys: readonly KeyOutput[]): void {
  if (keys.length === 0) return
  output.heading('Keys of its certificates')
  output.table(
    ['domain', 'key', 'state', 'issued by', 'until', 'first seen', 'last seen'],
    keys.map((key) => [
      key.domain,
      key.spki,
      stateCell(key),
      key.certificate?.issuer,
      key.certificate?.notAfter.slice(0, 10),
      key.firstSeen.slice(0, 10),
      key.certificate ? key.lastSeen.slice(0, 10) : 'never',
    ]),
  )
}

/** Each key with a name at which it waits: the one asked about, where it waits there. */
const placesOf = (waiting: readonly KeyOutput[], asked: string): ReadonlyMap<string, string> =>
  new Map(
    waiting
      .toSorted((a, b) => Number(a.domain === asked) - Number(b.domain === asked))
      .map((key) => [key.spki, key.domain]),
  )

const isWaiting = ({ state }: KeyOutput): boolean => state === 'open' || state === 'held'

function stateCell({ state }: KeyOutput): Cell {
  if (state === 'known') return state
  return state === 'open' ? tone('careful', 'to be confirmed') : tone('bad', state)
}

/** What is, and what was. */
function showWaiting(output: Output, key: KeyOutput, keys: readonly KeyOutput[]): void {
  output.heading(key.spki)
  output.facts([
    ['shown for', key.domain],
    ['why it is told', key.explanation],
    ['until then', key.state === 'held' ? tone('bad', 'it proves nothing') : 'it counts'],
    ...certificateFacts(key),
    ['first seen', key.firstSeen],
    ['last seen', key.lastSeen],
    ['reference', key.reference],
  ])
  for (const known of keys.filter(({ domain, state }) => domain === key.domain && state === 'known')) {
    output.line('  known until now:')
    output.facts([['key', known.spki], ...certificateFacts(known), ['last seen', known.lastSeen]], '    ')
  }
}

function certificateFacts({ certificate }: KeyOutput): (readonly [string, Cell])[] {
  if (!certificate) return []
  const { subject, issuer, names, notBefore, notAfter, key } = certificate
  return [
    ['certificate', subject],
    ['issued by', issuer],
    ['names', names.join(', ')],
    ['holds', `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`],
    ['kind of key', key],
  ]
}
