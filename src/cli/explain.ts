// `sallyport explain --from … --to …`: a dry run of the checkpoint, rule by rule. Works on the files alone as well.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type * as z from 'zod'
import { explain } from '../admin/decisions.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Output } from './output.ts'
import { matchText } from './text.ts'
import { sideText } from './why.ts'

const STANZA_BYTES = 512 * 1024

export const explainCommand: Command = {
  name: 'explain',
  about: 'Dry run of the policy: every rule that is asked, and which one decides. Nothing is sent or recorded.',
  options: {
    from: { value: 'ADDRESS', about: 'Who sends, such as alice@corp.example.' },
    to: { value: 'ADDRESS', about: 'To whom, such as bob@partner.example.' },
    stanza: {
      value: 'FILE',
      about: 'Judge this stanza (XML) instead of an empty chat message; its addresses give way to --from and --to.',
    },
  },
  notes: ['Exit code 0: it would cross. 1: it would not.'],
  async run(context) {
    const { output, arguments: words } = context
    const [from, to] = [words.option('from'), words.option('to')]
    if (from === undefined || to === undefined) throw new UsageError('--from and --to are both needed', 'explain')
    const stanza = await readStanza(words.option('stanza'))
    const answer = await askOrRead(context, explain, { from, to, stanza })
    output.answer(answer, () => show(output, from, to, answer))
    return answer.verdict === 'pass' ? EXIT.fine : EXIT.finding
  },
}

async function readStanza(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(resolve(file), 'utf8')
  if (Buffer.byteLength(text) > STANZA_BYTES)
    throw new UsageError(`${file} is larger than ${STANZA_BYTES} bytes`, 'explain')
  return text
}

function show(
  output: Output,
  from: string,
  to: string,
  { facts, entry, verdict, rule, reason, condition, trail }: z.output<typeof explain.output>,
): void {
  const said = {
    pass: tone('good', 'would cross'),
    refuse: tone('bad', 'would be refused'),
    close: tone('bad', 'would end the stream it comes on'),
  }
  output.line(`${from} → ${to}: `, said[verdict])
  output.line(tone('quiet', entry === undefined ? 'under no entry of the partner list' : `under ${matchText(entry)}`))
  output.line()
  output.table(
    ['rule', 'finds', 'what must hold'],
    trail.map((step) => {
      const deciding = step.rule === rule && step.finding !== undefined
      const finds =
        step.finding === undefined
          ? tone('good', step.note ?? 'nothing against it')
          : tone('bad', findingText(step.finding))
      const about = step.place === undefined ? step.about : `${step.about} ${step.place}`
      return [deciding ? tone('strong', step.rule) : step.rule, finds, tone('quiet', about)]
    }),
  )
  if (reason === undefined) return
  const partner = facts['direction'] === 'inbound' ? facts['fromDomain'] : facts['toDomain']
  const domain = typeof partner === 'string' ? partner : '<domain>'
  output.line()
  output.facts([
    ['decided by', rule],
    ['reason', `${reason.id} ${reason.name}: ${reason.means}`],
    ['cause on', sideText(reason.side)],
    ['the sender gets', condition],
    ['what to do', reason.act.replaceAll('<domain>', domain)],
  ])
}

function findingText({
  reason,
  detail,
}: NonNullable<z.output<typeof explain.output>['trail'][number]['finding']>): string {
  const name = reason === undefined ? 'against it' : `${reason.id} ${reason.name}`
  return detail === undefined ? name : `${name} (${detail})`
}
