// `sallyport why <reference>`: the story behind a reference that a user or a partner was shown, in plain words.

import { why } from '../admin/decisions.ts'
import type { PartnerOutput, ReasonOutput, RecordOutput } from '../admin/schemas.ts'
import { EXIT, type Command } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Cell, type Output } from './output.ts'

export const whyCommand: Command = {
  name: 'why',
  about: 'Tell what happened to the stanza or the stream behind a reference, why, and what to do about it.',
  positionals: [{ name: 'reference', about: 'as in the error text, such as 7f3k-9q2m-x04d' }],
  notes: ['Exit code 1: nothing is known under that reference.'],
  async run(context) {
    const { record, reason, partner } = await askOrRead(context, why, {
      reference: context.arguments.required('reference'),
    })
    context.output.answer({ record, reason, partner }, () => show(context.output, record, reason, partner))
    return EXIT.fine
  },
}

function show(
  output: Output,
  record: RecordOutput,
  reason: ReasonOutput | undefined,
  partner: PartnerOutput | undefined,
): void {
  output.line(tone('strong', record.reference ?? '(no reference)'))
  output.line()
  output.paragraph(story(record))
  if (reason !== undefined) output.paragraph(reason.means)
  output.line()
  output.facts([
    ['when', whenText(record.at)],
    ['what', whatText(record)],
    ['from', record.from],
    ['to', record.to],
    ['way', wayText(record)],
    ['peer address', record.peerAddress],
    ['rule', record.rule],
    ['reason', reasonCell(record, reason)],
    ['detail', record.detail],
    ['cause on', reason === undefined ? undefined : sideText(reason.side)],
    ['partner entry', partner === undefined ? undefined : partnerText(partner)],
  ])
  if (reason === undefined) return
  output.line()
  output.line(tone('strong', 'What to do'))
  output.paragraph(reason.act, '  ')
}

/** One sentence: who wanted what, and what came of it. */
function story(record: RecordOutput): string {
  if (record.event === 'stanza') {
    const what = `${article(record.kind ?? 'stanza')} from ${record.from ?? 'somebody unknown'} to ${record.to ?? 'nobody named'}`
    switch (record.verdict) {
      case 'pass':
        return `${capital(what)} crossed.`
      case 'close':
        return `${capital(what)} did not cross, and the stream it came on was closed.`
      default:
        return `${capital(what)} did not cross; the sender was told so.`
    }
  }
  const { pair } = record
  const who = pair === undefined ? (record.from ?? record.peerAddress ?? 'somebody unknown') : pair.remote
  const whom = pair?.local ?? record.to ?? 'us'
  const way = record.direction === 'outbound' ? `from ${whom} to ${who}` : `from ${who} to ${whom}`
  return record.verdict === 'pass'
    ? `A stream ${way} was accepted.`
    : `A stream ${way} was refused, failed or was closed.`
}

const article = (kind: string): string => (/^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`)
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** 2026-03-01 12:00:03.250 UTC */
export function whenText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

function whatText({ event, kind, type, id }: RecordOutput): string {
  if (event === 'stream') return 'stream'
  return `${kind ?? 'stanza'}${type === undefined ? '' : ` of type ${type}`}${id === undefined ? '' : `, id ${id}`}`
}

function wayText({ direction, pair }: RecordOutput): string | undefined {
  if (pair === undefined) return direction
  const path = direction === 'outbound' ? `${pair.local} → ${pair.remote}` : `${pair.remote} → ${pair.local}`
  return direction === undefined ? path : `${direction}, ${path}`
}

function reasonCell(record: RecordOutput, reason: ReasonOutput | undefined): Cell {
  if (reason !== undefined) return `${reason.id} ${reason.name}`
  return record.reason === undefined ? undefined : `${record.reason} (this version does not know it)`
}

const SIDES: Readonly<Record<ReasonOutput['side'], string>> = {
  ours: 'our side: this gateway or its settings',
  theirs: "the other side: the partner's server or its settings",
  core: 'our core server',
  network: 'the network in between',
}

/** Whose side the cause is on, in words. */
export const sideText = (side: ReasonOutput['side']): string => SIDES[side]

function partnerText({ domain, status, direction, expires, owner }: PartnerOutput): string {
  const parts = [
    `${domain} is ${status} now`,
    direction === 'both' ? undefined : `${direction} only`,
    expires && `until ${expires}`,
    owner && `owner ${owner}`,
  ]
  return parts.filter((part) => part !== undefined && part !== '').join(', ')
}
