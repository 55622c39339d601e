// The cases of a worked example as scenes of the demonstration: who says what, where it is to arrive, and what is to
// become of it. Pure.

import { attribute } from '../xml/write.ts'
import { parseAddress } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { Scene } from './conversation.ts'
import { type Residents, speakerFor } from './residents.ts'

/** A stanza, and what the policy is to say of it. */
export interface Case {
  readonly name: string
  readonly from: string
  readonly to: string
  /** Its kind, and its type where it has one. */
  readonly stanza: string
  /** Namespaces of what it carries. */
  readonly carries: readonly string[]
  readonly at?: string | undefined
  readonly times: number
  readonly expect: 'pass' | 'refuse' | 'close'
  readonly reason?: string | undefined
  readonly rule?: string | undefined
}

export interface CaseScene extends Scene {
  readonly wanted: Pick<Case, 'expect' | 'reason' | 'rule'>
  readonly id: string
  /** A question behind a stanza that nobody may answer: its answer says that the stanza has been judged. */
  readonly question: { readonly id: string; readonly stanza: string } | undefined
}

/** A case that only `policy test` can judge, and why. */
export interface LeftCase {
  readonly name: string
  readonly why: string
}

export interface CasePlay {
  readonly scenes: readonly CaseScene[]
  readonly left: readonly LeftCase[]
}

/** @param run makes the ids of one performance its own */
export function playOf(cases: readonly Case[], residents: Residents, run: string): CasePlay {
  const scenes: CaseScene[] = []
  const left: LeftCase[] = []
  for (const [index, one] of cases.entries()) {
    const why = whyLeft(one, residents)
    if (why === undefined) scenes.push(sceneOf(one, residents, `${run}-${index + 1}`))
    else left.push({ name: one.name, why })
  }
  return { scenes, left }
}

/**
 * The stanza of a case.
 * @param attributes of its first tag, where it has any besides its type
 */
export function stanzaOf({ stanza, carries }: Pick<Case, 'stanza' | 'carries'>, attributes: string): string {
  const [kind, type] = stanza.split(' ')
  const carried = carries.map((namespace) => {
    if (!namespace.startsWith('urn:xmpp:jingle:apps:')) return `<x xmlns='${namespace}'/>`
    const content = `<content><description xmlns='${namespace}'/></content>`
    return `<jingle xmlns='urn:xmpp:jingle:1'>${content}</jingle>`
  })
  return `<${kind}${type === undefined ? '' : ` type='${type}'`}${attributes}>${carried.join('')}</${kind}>`
}

function whyLeft({ from, to, at, times, expect }: Case, residents: Residents): string | undefined {
  if (at !== undefined) return `it is about ${at}`
  if (times > 1) return `it is about ${times} stanzas`
  if (speakerFor(residents, domainOf(from)) === undefined) return `the lab has no server of ${domainOf(from)}`
  const isThere = speakerFor(residents, domainOf(to)) !== undefined
  return expect === 'pass' && !isThere ? `the lab has no server of ${domainOf(to)}` : undefined
}

function sceneOf(one: Case, residents: Residents, id: string): CaseScene {
  const { name, from, to, stanza, expect, reason, rule } = one
  const at = speakerFor(residents, domainOf(from))?.domain ?? domainOf(from)
  const there = speakerFor(residents, domainOf(to))?.domain ?? domainOf(to)
  const addressed = (its: string): string => attribute('from', from) + attribute('to', to) + attribute('id', its)
  const asked = `${id}-asked`
  const ping = `<iq type='get'${addressed(asked)}><ping xmlns='${NS.ping}'/></iq>`
  return {
    title: name,
    at,
    stanza: stanzaOf(one, addressed(id)),
    ends: [{ kind: 'arrives', at: there, like: new RegExp(`^<[a-z]+\\b[^>]*\\bid="${id}"`), says: 'crossed' }],
    wanted: { expect, reason, rule },
    id,
    question: isAnswered(stanza) ? undefined : { id: asked, stanza: ping },
  }
}

/** Is the sender of such a stanza told that it was refused? Not of answers, nor of taking leave. RFC 6120 §8.3.1 */
const isAnswered = (stanza: string): boolean => !/ (?:error|result|unavailable)$/.test(stanza)

const domainOf = (address: string): string => parseAddress(address)?.domain ?? address
