// The small world of a measurement about remote users: our domain, its certificate, and what stands between its users and its
// core. Everything is on loopback.

import type { Cleanup } from '../../test/support/program.ts'
import { issue, makeCa, type Issued } from '../../test/support/pki.ts'
import type { Door } from '../generator/orders.ts'
import { makeFolder, OURS, type Setting } from '../setting.ts'

export interface World {
  readonly t: Cleanup
  readonly ca: Issued
  /** Of our domain. */
  readonly ours: Issued
  readonly folder: Setting['folder']
  readonly profileFolder: string | undefined
}

/** A core that runs, and its two ports for clients. */
export interface RemoteCore {
  readonly plainPort: number
  /** TLS from the first byte. */
  readonly tlsPort: number
  readonly users: number
  readonly password: string
}

export async function makeWorld(t: Cleanup, profileFolder: string | undefined): Promise<World> {
  const ca = await makeCa()
  return { t, ca, ours: await issue({ ca, names: [OURS] }), folder: await makeFolder(t), profileFolder }
}

/** Where clients of this core log in: there, or at what stands in front of it. */
export function doorAt(port: number, { users, password }: RemoteCore, wish: Door['wish']): Door {
  return { port, domain: OURS, users, password, wish }
}
