// Who lives in the lab and where: one internal core and three partners, all on loopback and high ports. The evaluation
// set-up, the embedded lab and the demonstration read this table.

import { join } from 'node:path'

export interface Place {
  readonly domain: string
  readonly port: number
  readonly user: string
  /** The name in its certificate, where that is not its own. */
  readonly certificate?: string
  /** Its entry in the partner list. */
  readonly status?: 'allowed' | 'blocked'
  readonly purpose?: string
}

/** Where the lab keeps its certificates, below the directory of the installation. */
export const LAB_CERTS = join('certs', 'lab')

export const LAB_HOST = '127.0.0.1'
/** Where the gateway of an evaluation set-up listens for partners, and for the core. */
export const FEDERATION_PORT = 15_269
export const CORE_PORT = 15_270

/** Where the core's own clients connect, and where the gateway listens for remote users. */
export const CLIENT_PORT = 15_222
export const REMOTE_PORT = 15_210
export const WEBSOCKET = '/xmpp-websocket'

export const CORE: Place = { domain: 'corp.example', port: 15_280, user: 'alice' }

/** Who has an account at the core: user → password. Only `REMOTE` is granted access from outside. */
export const PASSWORDS: ReadonlyMap<string, string> = new Map([
  ['alice', 'wonderland'],
  ['carol', 'open sesame'],
])
/** The remote user, and what the lab calls the place where they are. */
export const REMOTE = { user: 'carol', place: 'outside' } as const

/** An admitted partner. */
export const AURORA: Place = {
  domain: 'aurora.example',
  port: 15_281,
  user: 'bob',
  status: 'allowed',
  purpose: 'An admitted partner, with whom everything crosses',
}

/** A blocked partner: its server proves its name well, and is refused all the same. */
export const BOREALIS: Place = {
  domain: 'borealis.example',
  port: 15_282,
  user: 'mallory',
  status: 'blocked',
  purpose: 'A blocked partner, with whom nothing crosses in either direction',
}

/** Admitted by name, but its server holds a certificate that names somebody else. */
export const CYGNUS: Place = {
  domain: 'cygnus.example',
  port: 15_283,
  user: 'eve',
  certificate: 'somebody-else.example',
  status: 'allowed',
  purpose: 'An admitted name behind a wrong certificate, so that it cannot be proven',
}

/** The first port of a server outside; the others follow. */
export const OUTSIDE_PORT = AURORA.port

export const PARTNERS: readonly Place[] = [AURORA, BOREALIS, CYGNUS]
