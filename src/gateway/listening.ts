// Opening the listeners for partners and for the core.

import { networkSet } from '../config/values.ts'
import { ConnectionCaps } from '../net/caps.ts'
import type { StreamLimits } from '../net/limits.ts'
import { Listener } from '../net/listener.ts'
import type { Reception } from '../net/reception.ts'
import type { Status } from './control.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import { hostAndPort } from './status.ts'
import { streamLimits } from './stream-limits.ts'

type ListenerStatus = Status['listeners'][number]

/** Where the gateway could not listen: the address, and the error of the operating system. */
export class ListenError extends Error {
  readonly setting: string
  readonly address: string
  readonly code: string

  constructor(setting: string, address: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    super(`cannot listen on ${address}: ${code}`, { cause })
    this.name = 'ListenError'
    this.setting = setting
    this.address = address
    this.code = code
  }
}

export interface OpenListener {
  readonly listener: Listener
  /** How TLS begins there. */
  readonly tls: string
}

export interface ListeningOptions {
  /** The house as it stands now. */
  house(): House
  readonly reception: Reception
  readonly journal: Journal
  /** Told of each listener when it is open. */
  opened(listener: OpenListener): void
}

/** Opens all listeners of the settings. @throws ListenError; those opened before stay so */
export async function openListeners({ house, reception, journal, opened }: ListeningOptions): Promise<void> {
  const { listen } = house().settings
  const limits = (): StreamLimits => streamLimits(house().settings.limits)
  for (const name of ['federation', 'core'] as const) {
    const caps = new ConnectionCaps(limits) // Of their own each, so that strangers cannot take the places of the core.
    for (const { host, port, tls, proxyProtocol } of listen[name]) {
      const address = hostAndPort(host ?? '::', port)
      const balancers = networkSet(proxyProtocol)
      try {
        const listener = await Listener.open({
          name,
          host: host ?? '::',
          port,
          tls,
          reception,
          limits,
          caps,
          trusts: (peer) => house().isCoreAddress(peer),
          isBalancer: (peer) => balancers.has(peer),
          onAcceptError: (error) => journal.acceptError(address, error),
        })
        opened({ listener, tls })
      } catch (error) {
        throw new ListenError(`listen.${name}`, address, error)
      }
    }
  }
}

/** An open listener, for the status. */
export function listenerStatus({ listener: { name, address, connections }, tls }: OpenListener): ListenerStatus {
  return { name, address: hostAndPort(address.address, address.port), tls, connections }
}
