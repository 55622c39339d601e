// What a client is offered: what the core offers its clients, rewritten. What cannot work through the gateway, and what
// would let a stranger past it, is taken out; everything else passes, known or not.
//
// SECURITY: the gateway ends the client's TLS, so nothing may bind to the channel (RFC 5802 §6, XEP-0440); a name that
// somebody claims must be readable before the core hears of it, so mechanisms that hide it do not pass.

import { serialize, parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { isReadable } from './mechanisms.ts'

type Element = ReturnType<typeof parseElement>

/** Namespaces of features that never pass, and why. */
const DROPPED: ReadonlyMap<string, string> = new Map([
  [NS.tls, 'the client is secured already'],
  [NS.compress, 'compression before or inside TLS tells what is said (XEP-0138 §6)'],
  ['http://jabber.org/features/iq-auth', 'passwords without SASL (XEP-0078)'],
  ['http://jabber.org/features/iq-register', 'accounts are not made from outside (XEP-0077)'],
  ['urn:xmpp:ibr-token:0', 'nor by invitation (XEP-0445)'],
  ['urn:xmpp:pars:0', 'nor by invitation (XEP-0379)'],
  ['urn:xmpp:invite', 'nor by invitation (XEP-0401)'],
  [NS.channelBinding, 'the channel of the client ends here (XEP-0440)'],
  ['urn:xmpp:sm:2', 'an older form of XEP-0198, which nobody here counts'],
  ['urn:xmpp:features:pipelining', 'each step waits for the one before (XEP-0305)'],
  ['p1:rebind', 'a session that whoever knows its id may take over'],
  ['p1:push', 'the same'],
  ['p1:ack', 'counts that nobody here translates'],
  [NS.dialbackFeature, 'between servers only'],
  [NS.bidiFeature, 'between servers only'],
])

export interface Offer {
  /** What is in `<stream:features/>`: XML that stands alone. */
  readonly children: string
  /** Mechanisms that are offered, for either form of SASL. */
  readonly mechanisms: readonly string[]
  /** Namespaces of what is offered: elements in them may be said. */
  readonly namespaces: ReadonlySet<string>
  /** Namespaces of what may be asked for together with a log-in. XEP-0388 §2.3 */
  readonly inline: ReadonlySet<string>
  /** Mechanisms of the core that do not pass. */
  readonly withheld: readonly string[]
  /** The core would bind to a channel, and may refuse clients that could. RFC 5802 §6, XEP-0440 */
  readonly bindsChannel: boolean
  /** The core offers compression. XEP-0138 */
  readonly compresses: boolean
}

/** The core's features → what the client is offered. `own`: mechanisms of the gateway's own. */
export function rewriteFeatures(frame: Frame, own: readonly string[] = []): Offer {
  const mechanisms = new Set<string>()
  const namespaces = new Set<string>()
  const inline = new Set<string>()
  const withheld = new Set<string>()
  const dropped = new Set<string>()
  const passes = (mechanism: string): boolean => {
    const isPassed = isReadable(mechanism)
    const list = isPassed ? mechanisms : withheld
    list.add(mechanism)
    return isPassed
  }
  let children = ''
  for (const child of parseElement(frame).getChildElements()) {
    const namespace = child.getNS() ?? ''
    const isDropped = DROPPED.has(namespace) || child.name.includes(':')
    if (isDropped) dropped.add(namespace)
    const kept = isDropped ? undefined : rewriteChild(child, namespace, passes, { own, inline })
    if (kept === undefined) continue
    namespaces.add(namespace)
    children += kept
  }
  for (const mechanism of own) mechanisms.add(mechanism)
  return {
    ...{ children, mechanisms: [...mechanisms], withheld: [...withheld], namespaces, inline },
    bindsChannel: dropped.has(NS.channelBinding) || [...withheld].some((mechanism) => mechanism.endsWith('-PLUS')),
    compresses: dropped.has(NS.compress),
  }
}

type Passes = (mechanism: string) => boolean

interface Rewriting {
  readonly own: readonly string[]
  /** Filled in. */
  readonly inline: Set<string>
}

function rewriteChild(child: Element, namespace: string, passes: Passes, by: Rewriting): string | undefined {
  const { own } = by
  if (namespace === NS.sasl && child.name === 'mechanisms') {
    const all = [...mechanismsIn(child).filter(passes), ...own]
    return all.length === 0 ? undefined : `<mechanisms xmlns='${NS.sasl}'>${mechanismElements(all)}</mechanisms>`
  }
  if (namespace === NS.sasl2 && child.name === 'authentication') return rewriteSasl2(child, passes, by)
  child.attrs['xmlns'] = namespace
  return serialize(child).toString()
}

/** XEP-0388 §2.3. What may be asked for inline passes by the same list; a session is resumed after the log-in. */
function rewriteSasl2(child: Element, passes: Passes, { own, inline: namespaces }: Rewriting): string | undefined {
  const all = [...mechanismsIn(child).filter(passes), ...own]
  if (all.length === 0) return undefined
  let inline = ''
  for (const one of child.getChild('inline')?.getChildElements() ?? []) {
    const namespace = one.getNS() ?? ''
    if (DROPPED.has(namespace) || namespace === NS.sm) continue
    if (namespace === NS.fast) {
      const tokens = mechanismsIn(one).filter(passes)
      if (tokens.length === 0) continue
      namespaces.add(namespace)
      inline += `<fast xmlns='${NS.fast}'>${mechanismElements(tokens)}</fast>`
      continue
    }
    namespaces.add(namespace)
    one.attrs['xmlns'] = namespace
    inline += serialize(one).toString()
  }
  const more = inline === '' ? '' : `<inline>${inline}</inline>`
  return `<authentication xmlns='${NS.sasl2}'>${mechanismElements(all)}${more}</authentication>`
}

const mechanismsIn = (parent: Element): readonly string[] =>
  parent.getChildren('mechanism').map((one) => one.getText().trim())

const mechanismElements = (all: readonly string[]): string =>
  [...new Set(all)].map((mechanism) => `<mechanism>${mechanism}</mechanism>`).join('')
