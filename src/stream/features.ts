// What each side of a stream offers the other (RFC 6120 §4.3.2), as data.
//
// Ours are rows of a table: what a feature needs to have happened and what rules it out. So a new feature is a new row,
// not a new phase. Order of negotiation: XEP-0170 §3.1.
// Theirs are read into the few we use; everything else that is offered is not for us.

import { NS } from '../xmpp/namespaces.ts'
import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'

/**
 * What holds on a stream by the time features are offered. `both-ways`: we allow that on it; `dialback`: it may be done on
 * it, by this peer.
 */
export type Fact = 'secured' | 'proven' | 'authenticated' | 'both-ways' | 'dialback'
export type FeatureName = 'starttls' | 'external' | 'bidi' | 'dialback' | 'acks'

interface Feature {
  readonly name: FeatureName
  readonly needs: readonly Fact[]
  readonly forbids: readonly Fact[]
  readonly xml: string
}

const FEATURES: readonly Feature[] = [
  {
    name: 'starttls',
    needs: [],
    forbids: ['secured'],
    xml: `<starttls xmlns='${NS.tls}'><required/></starttls>`,
  },
  {
    name: 'external', // Only to a certificate that will succeed with it. XEP-0178 §3
    needs: ['secured', 'proven'],
    forbids: ['authenticated'],
    xml: `<mechanisms xmlns='${NS.sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>`,
  },
  {
    name: 'bidi', // SECURITY: not before TLS, where it would only be forgotten. XEP-0288 §2.1
    needs: ['secured', 'both-ways'],
    forbids: ['authenticated'],
    xml: `<bidi xmlns='${NS.bidiFeature}'/>`,
  },
  {
    name: 'dialback', // With errors, and for further pairs too. XEP-0220 §2.4.2, §2.6
    needs: ['secured', 'dialback'],
    forbids: [],
    xml: `<dialback xmlns='${NS.dialbackFeature}'><errors/></dialback>`,
  },
  {
    name: 'acks', // XEP-0198 §2
    needs: ['secured', 'authenticated'],
    forbids: [],
    xml: `<sm xmlns='${NS.sm}'/>`,
  },
]

/** What we offer when these facts hold. */
export const offered = (facts: readonly Fact[]): readonly FeatureName[] => offers(facts).names

/** Our `<stream:features/>` when these facts hold; nothing in it must be negotiated once authenticated. RFC 6120 §4.3.2 */
export const featuresElement = (facts: readonly Fact[]): string => offers(facts).element

interface Offers {
  readonly names: readonly FeatureName[]
  readonly element: string
}

/** By the facts that hold: there are few ways for them to. */
const known = new Map<string, Offers>()

function offers(facts: readonly Fact[]): Offers {
  const key = facts.join(' ')
  let all = known.get(key)
  if (!all) known.set(key, (all = offersOf(facts)))
  return all
}

function offersOf(facts: readonly Fact[]): Offers {
  const features = FEATURES.filter(
    ({ needs, forbids }) => needs.every((n) => facts.includes(n)) && !forbids.some((f) => facts.includes(f)),
  )
  const names = features.map(({ name }) => name)
  return { names, element: `<stream:features>${features.map(({ xml }) => xml).join('')}</stream:features>` }
}

/** What a peer offers. */
export interface PeerFeatures {
  readonly starttls: boolean
  /** SASL mechanisms, as spelled. */
  readonly mechanisms: readonly string[]
  /** Streams that carry stanzas both ways. XEP-0288 §2.1 */
  readonly bidi: boolean
  readonly dialback: boolean
  /** Acknowledgements of stanzas. XEP-0198 */
  readonly acks: boolean
  /** Names, likewise, of what we do not know and the peer demands. RFC 6120 §4.3.2 */
  readonly demanded: readonly string[]
  /** Names of everything offered, `{namespace}name`, for the detail of what is missing. */
  readonly names: readonly string[]
}

/** What these demand is seen where they are used, or left. */
const KNOWN: ReadonlySet<string> = new Set([NS.tls, NS.sasl, NS.bidiFeature, NS.dialbackFeature, NS.sm])

/** Reads a peer's `<stream:features/>`. */
export function readFeatures(frame: Frame): PeerFeatures {
  let starttls = false
  let bidi = false
  let dialback = false
  let acks = false
  const mechanisms: string[] = []
  const demanded: string[] = []
  const names: string[] = []
  for (const child of parseElement(frame).getChildElements()) {
    const name = child.getName()
    const namespace = child.getNS() ?? ''
    names.push(`{${namespace}}${name}`)
    if (!KNOWN.has(namespace) && child.getChildElements().some((inner) => inner.getName() === 'required'))
      demanded.push(`{${namespace}}${name}`)
    if (name === 'starttls' && namespace === NS.tls) starttls = true
    if (name === 'bidi' && namespace === NS.bidiFeature) bidi = true
    if (name === 'dialback' && namespace === NS.dialbackFeature) dialback = true
    if (name === 'sm' && namespace === NS.sm) acks = true
    if (name !== 'mechanisms' || namespace !== NS.sasl) continue
    for (const mechanism of child.getChildElements()) {
      if (mechanism.getName() === 'mechanism' && mechanism.getNS() === NS.sasl)
        mechanisms.push(mechanism.getText().trim())
    }
  }
  return { starttls, mechanisms, bidi, dialback, acks, demanded, names }
}
