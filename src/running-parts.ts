// What a running installation consists of, and what its parts do together.

import { domainOf } from './config/changes.ts'
import type { ConfigWatcher } from './config/watch.ts'
import type { Authorities } from './gateway/authorities.ts'
import type { Expiries } from './gateway/expiries.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { Telling } from './telling.ts'
import type { OwnCertificates } from './trust/own-certificates.ts'

/** What a running installation consists of. */
export interface Parts {
  readonly watcher: ConfigWatcher
  readonly authorities: Authorities
  readonly gateway: Gateway
  readonly telling: Telling
  readonly expiries: Expiries
  own: OwnCertificates
}

/** Writes down what changed in the files of partners while nobody watched. Never rejects. */
export async function catchUp({ watcher, telling: { history, events } }: Parts): Promise<void> {
  const textOf = (domain: string): string | undefined => watcher.readings.get(`${domain}.yaml`)?.text
  try {
    await history.catchUp([...watcher.readings.keys()].map(domainOf), textOf)
  } catch (error) {
    events.bug(error)
  }
}
