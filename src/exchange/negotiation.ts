// How Skype for Business has an XMPP partner prove itself, as three settings, and the floor that comes of them: the weakest way
// that they leave open, of those that go over TLS. (Microsoft: "Negotiation settings for XMPP federated partners".)

import type { Floor } from '../policy/partner.ts'
import { flagOf, wordOf, type Values } from './reading.ts'

/** The floor, and what is otherwise than it was; or why there is none. */
export type FloorReading =
  | { readonly authentication: Floor; readonly note?: string }
  | { readonly authentication?: undefined; readonly left?: string; readonly fault?: string }

const LEVELS = ['Required', 'Optional', 'NotSupported'] as const
type Level = (typeof LEVELS)[number]

/** The three settings of an XMPP partner → its floor. */
export function floorOf(values: Values): FloorReading {
  const [tls, sasl] = [levelOf(values, 'TlsNegotiation'), levelOf(values, 'SaslNegotiation')]
  const dialback = flagOf(values, 'SupportDialbackNegotiation')
  if (tls === undefined || sasl === undefined || dialback === undefined) return { fault: UNREADABLE }
  if (tls === 'NotSupported') return { left: NO_TLS }
  if (sasl === 'NotSupported' && !dialback) return { left: NO_PROOF }
  // With both required dialback has no effect there.
  const authentication = dialback && !(tls === 'Required' && sasl === 'Required') ? 'dialback-over-tls' : 'certificate'
  if (tls === 'Required') return { authentication }
  const note = `TlsNegotiation Optional did without TLS where need be; here nothing does, and the floor is ${authentication}`
  return { authentication, note }
}

const NO_TLS =
  'TlsNegotiation NotSupported: nothing crosses here without TLS; add it when the partner has a server that speaks TLS'
const NO_PROOF = 'neither SASL nor dialback: there is no way for it to prove its name'
const UNREADABLE =
  'how it proves itself cannot be read: TlsNegotiation and SaslNegotiation are Required, Optional or NotSupported, SupportDialbackNegotiation is True or False (ConvertTo-Json writes numbers for them: take Export-Csv or Export-Clixml)'

function levelOf(values: Values, key: string): Level | undefined {
  const word = wordOf(values, key)
  return LEVELS.find((level) => level === word)
}
