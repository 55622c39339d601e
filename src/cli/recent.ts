// `sallyport recent [domain]`: the newest decisions, one per line, with the references that `why` explains.

import { recent } from '../admin/decisions.ts'
import type { RecordOutput } from '../admin/schemas.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Cell } from './output.ts'
import { ends } from './record-words.ts'

export const recentCommand: Command = {
  name: 'recent',
  about: 'List the newest decisions, of all domains or of one.',
  positionals: [{ name: 'domain', about: 'only what touches this domain', optional: true }],
  options: { limit: { value: 'N', about: 'How many, up to 1000 (default: 20).' } },
  async run(context) {
    const { output, arguments: words } = context
    const limit = words.option('limit')
    if (limit !== undefined && !/^[1-9]\d{0,3}$/.test(limit))
      throw new UsageError('--limit needs a number from 1 to 1000', 'recent')
    const answer = await askOrRead(context, recent, {
      domain: words.word('domain'),
      limit: Math.min(Number(limit ?? 20), 1000),
    })
    output.answer(answer, () => {
      if (answer.records.length === 0) return output.line('nothing recorded')
      output.table(['when (UTC)', 'what', 'from', 'to', 'verdict', 'reason', 'reference'], answer.records.map(row), '')
      output.note('`sallyport why <reference>` tells the story behind one of them.')
    })
    return EXIT.fine
  },
}

function row(record: RecordOutput): Cell[] {
  const { at, event, kind, verdict, reason, reference } = record
  const { from, to } = ends(record)
  return [
    new Date(at).toISOString().slice(0, 19).replace('T', ' '),
    event === 'stanza' ? (kind ?? 'stanza') : event,
    from,
    to,
    tone(verdict === 'pass' ? 'good' : 'bad', verdict),
    reason,
    reference,
  ]
}
