// What was negotiated with a live partner, as the gateway itself tells it: from its live test of the partner, and from the
// streams that are up once a stanza has gone there and an answer has come.

import type { Seen, SeenStream, Tested } from './seen.ts'

/** By which records or settings the partner's server was found. */
export type Found = 'service records' | 'its addresses' | 'its entry'

/** A stream that carries stanzas. */
export interface StreamFacts {
  /** Who opened it. */
  readonly opened: 'by us' | 'by the partner'
  /** Stanzas cross it both ways. XEP-0288 */
  readonly bidi: boolean
  readonly ip: 4 | 6
  readonly start: 'starttls' | 'direct' | 'none'
  readonly version?: string
  readonly suite?: string
  /** By what keys were agreed; known alone where we are the client. */
  readonly group?: string
  /** How the partner's name was proven on it. */
  readonly proof: string
  /** What the partner acknowledges our stanzas by is in force. XEP-0198 */
  readonly acknowledged: boolean
  readonly stanzasIn: number
  readonly stanzasOut: number
}

export interface Certificate {
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly notAfter: string
  readonly key: string
  readonly spki: string
}

export interface Fault {
  readonly side: 'ours' | 'theirs' | 'network'
  readonly sentence: string
}

export interface Facts {
  readonly found: Found
  /** Where the stream to it led. */
  readonly place?: string
  /** Where it was looked for before in vain, at a place that comes first. */
  readonly vain?: string
  /** What it offers within TLS, as `{namespace}name`, and by which mechanisms of SASL. */
  readonly offers: readonly string[]
  readonly mechanisms: readonly string[]
  readonly offersTls: boolean
  readonly certificate?: Certificate
  /** The name in the certificate that stands for the domain, and the anchor its path ends at. */
  readonly matching?: string
  readonly anchor?: string
  /** Is its certificate one of a CA that we trust, for its domain? */
  readonly proven: boolean
  readonly streams: readonly StreamFacts[]
  /** The least by which it has to prove its name, as its entry says. */
  readonly floor: string
  /** The first thing that the live test found wrong. */
  readonly fault?: Fault
}

const TLS = '{urn:ietf:params:xml:ns:xmpp-tls}starttls'

/** What the live test and the streams come to. */
export function factsOf({ tested, streams, floor }: Seen): Facts {
  const attempt = tested.attempts.findLast(({ readyMs }) => readyMs !== undefined) ?? tested.attempts.at(-1)
  const offers = attempt?.offers ?? []
  const secured = offers.find(({ when }) => when === 'secured')
  const [certificate] = attempt?.certificate?.certificates ?? []
  const fault = tested.findings.find(({ severity }) => severity === 'fault')
  return {
    found: foundBy(tested),
    ...vainOf(tested),
    ...(attempt && { place: `${attempt.host}, ${attempt.address}, port ${attempt.port}` }),
    ...{ offers: secured?.features ?? [], mechanisms: secured?.mechanisms ?? [] },
    offersTls: attempt?.tls === 'direct' || offers.some(({ features }) => features.includes(TLS)),
    ...(certificate && { certificate: certificateOf(certificate) }),
    ...(attempt?.certificate?.matching !== undefined && { matching: attempt.certificate.matching }),
    ...(attempt?.certificate?.anchor !== undefined && { anchor: attempt.certificate.anchor }),
    proven: attempt?.certificate?.proven ?? false,
    streams: streams.map(streamFacts),
    floor,
    ...(fault && { fault: { side: fault.side, sentence: fault.sentence } }),
  }
}

/** A place of several addresses is in vain when all of them are. */
function vainOf({ attempts }: Tested): Pick<Facts, 'vain'> {
  const ready = attempts.find(({ readyMs }) => readyMs !== undefined)
  const first = attempts[0]
  if (!ready || !first || (first.host === ready.host && first.port === ready.port)) return {}
  return { vain: `${first.host}, port ${first.port}` }
}

const foundBy = ({ dns }: Tested): Found => {
  if (dns === undefined || dns.routes) return 'its entry'
  return dns.fallback ? 'its addresses' : 'service records'
}

const certificateOf = ({ subject, issuer, names, notAfter, key, spki }: Certificate): Certificate => ({
  ...{ subject, issuer, names, notAfter, key, spki },
})

const streamFacts = ({
  role,
  bidi,
  peerAddress,
  tls,
  method,
  acks,
  stanzasIn,
  stanzasOut,
}: SeenStream): StreamFacts => ({
  opened: role === 'initiating' ? 'by us' : 'by the partner',
  ...{ bidi, ip: peerAddress.includes(':') ? 6 : 4, start: tls?.start ?? 'none' },
  ...(tls && { version: tls.version, suite: tls.cipher }),
  ...(tls?.group !== undefined && { group: tls.group }),
  ...{ proof: method, acknowledged: acks !== undefined, stanzasIn, stanzasOut },
})

/** The streams by which our stanzas go there, and those by which theirs come. */
export const waysOut = ({ streams }: Facts): readonly StreamFacts[] =>
  streams.filter(({ opened, bidi }) => opened === 'by us' || bidi)
export const waysIn = ({ streams }: Facts): readonly StreamFacts[] =>
  streams.filter(({ opened, bidi }) => opened === 'by the partner' || bidi)
