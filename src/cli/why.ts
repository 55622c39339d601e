// `sallyport why <reference>`: the story behind a reference that a user or a partner was shown, in plain words.

import type * as z from 'zod'
import { why } from '../admin/decisions.ts'
import type { PartnerOutput, ReasonOutput, RecordOutput } from '../admin/schemas.ts'
import { EXIT, type Command } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Cell, type Output } from './output.ts'
import { ends, outside } from './record-words.ts'

export const whyCommand: Command = {
  name: 'why',
  about: 'Tell what happened to the stanza or the stream behind a reference, why, and what to do about it.',
  positionals: [{ name: 'reference', about: 'as in the error text, such as 7f3k-9q2m-x04d' }],
  notes: ['Exit code 1: nothing is known under that reference.'],
  async run(context) {
    const answer = await askOrRead(context, why, {
      reference: context.arguments.required('reference'),
    })
    context.output.answer(answer, () => show(context.output, answer))
    return EXIT.fine
  },
}

type Answer = z.output<typeof why.output>

function show(output: Output, { record, reason, cause, lostAnswer, rule, partner }: Answer): void {
  output.line(tone('strong', record.reference ?? '(no reference)'))
  output.line()
  output.paragraph(story(record))
  if (reason !== undefined) output.paragraph(reason.means)
  output.line()
  showFacts(output, record, reason, partner)
  if (rule !== undefined) showRule(output, rule)
  if (cause !== undefined) {
    output.heading(`Because of ${cause.record.reference ?? 'an earlier failure'}`)
    output.paragraph(story(cause.record), '  ')
    if (cause.reason !== undefined) output.paragraph(cause.reason.means, '  ')
    showFacts(output, cause.record, cause.reason, undefined)
  }
  if (lostAnswer !== undefined) {
    output.heading('The answer never arrived')
    output.paragraph('Its sender was to be told, but the answer with this reference could not be delivered.', '  ')
    showFacts(output, lostAnswer.record, lostAnswer.reason, undefined)
  }
  const act = cause?.reason ?? reason
  if (act === undefined) return
  output.heading('What to do')
  // The catalogue speaks of any domain, the reader has one.
  output.paragraph(act.act.replaceAll('<domain>', outside(record) ?? '<domain>'), '  ')
}

/** What the wall or rule said then, and what became of it. */
function showRule(output: Output, { name, place, text, now, nowPlace, nowText }: NonNullable<Answer['rule']>): void {
  output.heading(`What ${name} said then`)
  output.paragraph(text ?? 'Its wording is not kept any more.', '  ')
  const since = {
    same: 'It says the same now.',
    changed: nowText === undefined ? 'It says something else now.' : `Now it says: ${nowText}`,
    gone: 'There is no such wall or rule any more.',
  }
  output.facts([
    ['stood at', place],
    ['stands at', nowPlace],
    ['since then', since[now]],
  ])
}

function showFacts(
  output: Output,
  record: RecordOutput,
  reason: ReasonOutput | undefined,
  partner: PartnerOutput | undefined,
): void {
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
    [
      'cause on',
      reason === undefined
        ? undefined
        : isOfUser(record) && reason.side === 'theirs'
          ? USER_SIDE
          : sideText(reason.side),
    ],
    ['partner entry', partner === undefined ? undefined : partnerText(partner)],
  ])
}

/** One sentence: who wanted what, and what came of it. */
function story(record: RecordOutput): string {
  const { event, verdict, kind } = record
  const { from = 'somebody', to = 'nobody named' } = ends(record)
  if (event === 'certificate') return `A key in certificates of ${from} ${KEY_ENDS[verdict]}.`
  if (event === 'conduct') return `The state of conduct of ${from} changed: ${record.detail ?? ''}.`
  const end = event === 'stanza' ? STANZA_ENDS[verdict] : STREAM_ENDS[verdict]
  if (event === 'stream' && isOfUser(record))
    return `The connection of ${record.from ?? 'a client'} from ${record.peerAddress ?? 'outside'} ${end}.`
  return `${capital(article(event === 'stanza' ? (kind ?? 'stanza') : 'stream'))} from ${from} to ${to} ${end}.`
}

const STANZA_ENDS: Readonly<Record<RecordOutput['verdict'], string>> = {
  pass: 'crossed',
  refuse: 'did not cross; its sender was told so, with this reference',
  drop: 'did not cross; such a stanza may not be answered, so nobody was told',
  close: 'did not cross, and the stream it came on was closed',
  fail: 'did not cross, as the stream it came on failed',
}

const KEY_ENDS: Readonly<Record<RecordOutput['verdict'], string>> = {
  pass: 'counted as theirs',
  refuse: 'did not count as theirs',
  drop: 'was dropped',
  close: 'ended a stream',
  fail: 'failed',
}

const STREAM_ENDS: Readonly<Record<RecordOutput['verdict'], string>> = {
  pass: 'was accepted',
  refuse: 'was refused',
  drop: 'was dropped',
  close: 'was closed',
  fail: 'failed',
}

const article = (kind: string): string => (/^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`)
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** 2026-03-01 12:00:03.250 UTC */
export function whenText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

/** Of a remote user, or of whoever came as one? */
const isOfUser = ({ facts }: RecordOutput): boolean =>
  'session' in facts || ('listener' in facts && facts.listener === 'remote')

const USER_SIDE = 'the other side: the user or their client, or whoever claims to be them'

function whatText(record: RecordOutput): string {
  const { event, kind, type, id } = record
  if (event === 'stream' && isOfUser(record)) return 'connection of a remote user'
  if (event !== 'stanza') return event
  return `${kind ?? 'stanza'}${type === undefined ? '' : ` of type ${type}`}${id === undefined ? '' : `, id ${id}`}`
}

function wayText(record: RecordOutput): string | undefined {
  const { direction, event, pair } = record
  if (event === 'stanza' && pair !== undefined) {
    return direction === 'outbound'
      ? `outbound, ${pair.local} → ${pair.remote}`
      : `inbound, ${pair.remote} → ${pair.local}`
  }
  return direction
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
