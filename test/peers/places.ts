// Names and addresses of the tests with real servers. Every topology has a /24 of loopback to itself, so that all ports
// are the well-known ones and no two topologies meet.

import { IPV6_PREFIX } from '../isolation.ts'
import { Client } from '../support/client.ts'
import type { XmppServer } from '../support/server.ts'
import type { Side } from './conversations/conversation.ts'

export const OURS = 'corp.example'
export const THEIRS = 'partner.example'

/** Everybody who appears in a conversation. */
export const USERS = [
  'alice',
  'bob',
  'carol',
  'dave',
  'erin',
  'frank',
  'grace',
  'heidi',
  'ivan',
  'judy',
  'mallory',
  'i♥xmpp',
]

export type Family = 'IPv4' | 'IPv6'

export interface Places {
  readonly core: string
  /** Where the gateway meets the core, and where it meets partners. */
  readonly inner: string
  readonly outer: string
  readonly partner: string
  /** DNS: the core's view, and everybody else's. */
  readonly innerDns: string
  readonly outerDns: string
}

/** The addresses of topology `number` (1 to 250). Those of IPv6 need a network of the tests' own. */
export function places(number: number, family: Family = 'IPv4'): Places {
  const at = (host: number): string =>
    family === 'IPv4' ? `127.0.${number}.${host}` : `${IPV6_PREFIX}:${number}::${host}`
  return { core: at(1), inner: at(2), outer: at(3), partner: at(4), innerDns: at(53), outerDns: at(54) }
}

/** The room service of a domain. */
export function conferenceOf(domain: string): string {
  return `conference.${domain}`
}

/** One side of the wall, as conversations see it. */
export function side(server: XmppServer, domain: string): Side {
  return {
    domain,
    conference: conferenceOf(domain),
    server: server.kind,
    login: (t, user) => Client.login(t, { user, domain, address: server.address }),
  }
}
