// What the verbs of `sallyport partner` that change something say in the end.

import type * as z from 'zod'
import type { ChangeShape } from '../admin/partner-changes.ts'
import type { PartnerOutput } from '../admin/schemas.ts'
import { EXIT, type CommandContext } from './command.ts'
import { showFindings } from './findings.ts'
import { tone, type Cell } from './output.ts'

/** The status of an entry. */
export function statusCell({ status }: PartnerOutput): Cell {
  return tone(status === 'allowed' ? 'good' : status === 'pending' ? 'careful' : 'bad', status)
}

type Change = z.output<typeof ChangeShape>

/** What every changing verb says in the end; 1 when the change is not in force. */
export function reportChange({ output }: CommandContext, change: Change): number {
  output.answer(change, () => {
    const { partner, done, domain } = change
    const said = {
      added: `${domain} added to the partner list`,
      changed: `${domain} changed`,
      removed: `${domain} removed from the partner list`,
      unchanged: `${domain} is already so; nothing changed`,
    }
    output.line(
      said[done],
      partner === undefined ? '' : ': ',
      partner === undefined ? '' : statusCell(partner),
      change.applied === 'running' ? ', in force now' : '',
    )
    for (const note of change.notes) output.line(tone('careful', note))
    if (change.applied === 'not') {
      output.line(tone('bad', 'NOT IN FORCE: the gateway keeps its older settings until these mistakes are mended:'))
      showFindings(output, change.findings)
    }
    if (change.applied === 'files' && done !== 'unchanged')
      output.line('No gateway is running here: the files are changed, and the next start finds them so.')
  })
  return change.applied === 'not' ? EXIT.finding : EXIT.fine
}
