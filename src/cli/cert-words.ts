// A chain of certificates in words: what `cert show` and `cert plan` tell of one.

import type { Anchors } from '../trust/anchors.ts'
import type { Certificate } from '../trust/certificate.ts'
import { OID_ANY_USAGE, OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../trust/extensions.ts'
import { findName, nameText } from '../trust/names.ts'
import { findPath } from '../trust/path.ts'
import { issuerPlaces } from '../trust/issuers.ts'
import { pointersOf } from '../trust/revocation/pointers.ts'
import { subjectText, summarise } from '../trust/summary.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { tone, type Cell, type Output } from './output.ts'
import { duration } from './text.ts'

/** A place that a certificate names, to be asked or fetched from. */
export interface Place {
  readonly kind: 'ocsp' | 'crl' | 'issuer'
  readonly url: string
  /** The subject of the certificate that names it. */
  readonly of: string
}

export interface ChainWords extends CertificateSummary {
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string
  /** The name that stands for the domain; undefined where none does, or none was asked for. */
  readonly matching: string | undefined
  /** What its extended key usage lets it be used for. */
  readonly uses: string
  /** Subjects, as shown, the leaf first. */
  readonly chain: readonly string[]
  /** Where the chain leads: to a CA that strangers believe, to one that is believed by agreement, or nowhere. */
  readonly leadsTo:
    | { readonly ca: 'public' | 'own'; readonly name: string }
    | { readonly reason: ReasonId; readonly detail: string }
  readonly places: readonly Place[]
}

export interface ChainQuestion {
  /** Canonical; undefined: none in particular. */
  readonly domain?: string | undefined
  /** The CAs that strangers believe. */
  readonly publicCas: Anchors
  /** These and those that are believed here. */
  readonly cas: Anchors
  readonly now: number
}

/** What there is to say of a chain, the leaf first. */
export function chainInWords(chain: readonly [Certificate, ...Certificate[]], o: ChainQuestion): ChainWords {
  const [leaf] = chain
  const match = o.domain === undefined ? undefined : findName(leaf.extensions.names, o.domain)
  return {
    ...summarise(leaf),
    fingerprint: leaf.fingerprint,
    matching: match && nameText(match),
    uses: usesOf(leaf),
    chain: chain.map(subjectText),
    leadsTo: destination(chain, o),
    places: placesOf(chain),
  }
}

function destination(
  chain: readonly [Certificate, ...Certificate[]],
  { publicCas, cas, now }: ChainQuestion,
): ChainWords['leadsTo'] {
  for (const [ca, anchors] of [
    ['public', publicCas],
    ['own', cas],
  ] as const) {
    const found = findPath(chain, { anchors, now })
    if ('path' in found) return { ca, name: subjectText(found.path.at(-1)!) }
    if (anchors === cas) return found
  }
  throw new Error('no anchors were asked')
}

/** Whom the certificates of a chain have asked and fetched from. Roots name nobody that is asked. */
export function placesOf(chain: readonly Certificate[]): readonly Place[] {
  const places: Place[] = []
  for (const certificate of chain) {
    const of = subjectText(certificate)
    const pointers = pointersOf(certificate)
    if (typeof pointers !== 'string') {
      places.push(...pointers.responders.map((url) => ({ kind: 'ocsp' as const, url, of })))
      for (const { uris } of pointers.crls) places.push(...uris.map((url) => ({ kind: 'crl' as const, url, of })))
    }
    places.push(...issuerPlaces(certificate).map((url) => ({ kind: 'issuer' as const, url, of })))
  }
  return places
}

function usesOf({ extensions: { extendedKeyUsage } }: Certificate): string {
  if (!extendedKeyUsage || extendedKeyUsage.includes(OID_ANY_USAGE)) return 'everything'
  const [server, client] = [extendedKeyUsage.includes(OID_SERVER_AUTH), extendedKeyUsage.includes(OID_CLIENT_AUTH)]
  if (server && client) return 'servers and clients of TLS'
  if (server) return 'servers of TLS only, as public CAs issue them; partners who demand clientAuth refuse it'
  return client
    ? 'clients of TLS only, which partners refuse'
    : 'neither servers nor clients of TLS, so partners refuse it'
}

/** Is there anything that every partner would stumble over? */
export const isRefusable = ({ leadsTo, matching }: ChainWords, domain: string | undefined): boolean =>
  (domain !== undefined && matching === undefined) || ('reason' in leadsTo && !NOWHERE.has(leadsTo.reason))

/** The chain leads to no CA that is known here; partners may know it. */
const NOWHERE: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-304', 'SP-305', 'SP-306'])

/** Writes it out, below a heading of the caller's. */
export function showChain(
  output: Output,
  words: ChainWords,
  o: { readonly domain?: string | undefined; readonly now: number },
): void {
  const { leadsTo, chain } = words
  output.facts([
    ['names', words.names.length === 0 ? tone('bad', 'none; a common name does not count') : words.names.join(', ')],
    ['stands for', o.domain === undefined ? undefined : matchCell(words, o.domain)],
    ['key', words.key],
    ['pin', words.spki],
    ['valid', validCell(words, o.now)],
    ['for', words.uses],
    ['chain', chain.map((subject, at) => (at === 0 ? subject : `← ${subject}`)).join(' ')],
    ['issuer', words.issuer],
    ['leads to', destinationCell(leadsTo)],
    [
      'asked',
      words.places
        .filter(({ kind }) => kind !== 'issuer')
        .map(({ kind, url }) => `${kind.toUpperCase()} ${url}`)
        .join(', '),
    ],
    ['SHA-256', words.fingerprint],
  ])
}

const matchCell = ({ matching }: ChainWords, domain: string): Cell =>
  matching === undefined ? tone('bad', `not ${domain}: partners refuse it (SP-301)`) : `${domain}, by ${matching}`

function validCell({ notBefore, notAfter }: CertificateSummary, now: number): Cell {
  const left = Date.parse(notAfter) - now
  const text = `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`
  if (left < 0) return tone('bad', `${text}, expired`)
  return Date.parse(notBefore) > now ? tone('bad', `${text}, not yet`) : `${text}, another ${duration(left)}`
}

function destinationCell(leadsTo: ChainWords['leadsTo']): Cell {
  if ('ca' in leadsTo)
    return leadsTo.ca === 'public'
      ? `${leadsTo.name}, a public CA`
      : tone('careful', `${leadsTo.name}, which is believed by agreement only`)
  return tone('careful', `no CA that is known here (${leadsTo.reason}): ${leadsTo.detail}`)
}
