// Is the key in a peer's certificate one by which it is known, or such as keys become in the ordinary way? Pure.
//
// Rule 1: nothing here proves a name: path, names and revocation are judged before, for a known key too.
// Rule 2: the first key of a domain is believed. From then on a key is ordinary under a CA that vouches for a known one, when
//         it takes the place of one that is due, or is the first that the domain shows on this side of TLS. One that is due
//         explains one other: whoever comes after its successor is early, also where an administrator has confirmed that one
//         under another CA.
// Rule 3: the same CA is the same key of the issuer or of the anchor: public CAs issue under now this, now that
//         intermediate.

import type { Certificate } from './certificate.ts'
import type { PeerSide } from './demands.ts'
import { summarise } from './summary.ts'
import type { CertificateSummary } from './verdict.ts'

/** What a key was shown with: the certificate in words, and whose it is. */
export interface KeyCertificate extends CertificateSummary {
  /** SPKI pins of who issued it and of the anchor; its own where nobody else vouches for it. */
  readonly issuerKey: string
  readonly anchorKey: string
}

/** What a key is compared with. */
export interface ComparedKey {
  /** Absent: an administrator named the key, and it has not been seen. */
  readonly certificate: KeyCertificate | undefined
  readonly sides: readonly PeerSide[]
  /** What it was when it came, and when that was, in milliseconds of the epoch. */
  readonly change: KeyChange
  readonly firstSeen: number
}

/**
 * What a key is when it comes. `first`: there was none before. `other-side`: none on this side of TLS. `renewed`: in place of
 * one that is due. `early`: none is due yet. `other-ca`: no CA of the known ones vouches for it. `self-signed`: nobody does but
 * itself. `not-told`: an administrator has named others. `told`: an administrator has named this one.
 */
export type KeyChange = 'first' | 'other-side' | 'renewed' | 'early' | 'other-ca' | 'self-signed' | 'not-told' | 'told'

/** Changes that no ordinary renewal explains. */
export type UnusualChange = Exclude<KeyChange, 'first' | 'other-side' | 'renewed' | 'told'>

/** A certificate is due when so much of its time is over; tools renew at half of it or later, people later still. */
const DUE_PART = 1 / 3

/** The key of a validated path. @param path leaf first, anchor last */
export function keyCertificate(path: readonly Certificate[]): KeyCertificate | undefined {
  const [leaf, issuer = leaf] = path
  const anchor = path.at(-1)
  return leaf && issuer && anchor && { ...summarise(leaf), issuerKey: issuer.pin, anchorKey: anchor.pin }
}

/** What a key is that is none of the known ones. */
export function keyChange(
  known: readonly ComparedKey[],
  shown: KeyCertificate,
  { side, now }: { readonly side: PeerSide; readonly now: number },
): KeyChange {
  const seen = known.flatMap(({ certificate, ...key }) => (certificate ? [{ ...key, certificate }] : []))
  if (seen.length === 0) return known.length === 0 ? 'first' : 'not-told'
  if (shown.anchorKey === shown.spki) return 'self-signed'
  const related = seen.filter(({ certificate }) => isSameCa(certificate, shown))
  if (related.length === 0) return 'other-ca'
  if (!seen.some(({ sides }) => sides.includes(side))) return 'other-side'
  const left = replaceable(seen).filter(({ certificate }) => isSameCa(certificate, shown))
  return left.some(({ certificate }) => dueAt(certificate) <= now) ? 'renewed' : 'early'
}

const UNUSUAL: readonly UnusualChange[] = ['early', 'other-ca', 'self-signed', 'not-told']

/** No ordinary renewal explains it. */
export const isUnusual = (change: KeyChange): change is UnusualChange => UNUSUAL.some((one) => one === change)

const isSameCa = (one: KeyCertificate, other: KeyCertificate): boolean =>
  one.issuerKey === other.issuerKey || one.anchorKey === other.anchorKey

type SeenKey = ComparedKey & { readonly certificate: KeyCertificate }

/**
 * Keys that none of the others has replaced yet. Servers of a cluster cannot be told apart, so each successor stands for the
 * key that was due last when it came, one of its own CA before those of others: their number is right, and older ones may be
 * forgotten.
 */
function replaceable(keys: readonly SeenKey[]): readonly SeenKey[] {
  const left = new Set(keys.toSorted((a, b) => dueAt(b.certificate) - dueAt(a.certificate)))
  const successors = keys.filter(({ change }) => change !== 'first' && change !== 'other-side')
  for (const successor of successors.toSorted((a, b) => begin(a) - begin(b))) {
    const due = [...left].filter((key) => key !== successor && dueAt(key.certificate) <= begin(successor))
    const own = due.find((key) => isSameCa(key.certificate, successor.certificate))
    const replaced = own ?? (successor.change === 'renewed' ? undefined : due[0])
    if (replaced) left.delete(replaced)
  }
  return [...left]
}

/** Since when a key may have been in use; one that was named may have been named long before. */
const begin = ({ certificate, firstSeen }: SeenKey): number => Math.max(firstSeen, Date.parse(certificate.notBefore))

function dueAt({ notBefore, notAfter }: CertificateSummary): number {
  const [from, end] = [Date.parse(notBefore), Date.parse(notAfter)]
  return from + (end - from) * DUE_PART
}
