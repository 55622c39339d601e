// Opening the listeners for partners and for the core.

import { networkSet } from '../config/values.ts'
import type { Limits } from '../config/limits.ts'
import type { ListenAddress } from '../config/settings.ts'
import { type Caps, ConnectionCaps } from '../net/caps.ts'
import type { StreamLimits } from '../net/limits.ts'
import { drivers, type Host, Listener } from '../net/listener.ts'
import type { Reception } from '../net/reception.ts'
import type { Status } from './control.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import { waysInWords } from './remote/entrances.ts'
import type { RemoteUsers } from './remote/remote-users.ts'
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
  /** Undefined: nobody listens for remote users. */
  readonly remote: Pick<RemoteUsers, 'waysAt' | 'welcomeAt'> | undefined
  /** A new connection of a partner from this address: is it one too many? */
  mayCome(address: string): boolean
  /** Told of each listener when it is open. */
  opened(listener: OpenListener): void
}

/** Opens all listeners of the settings. @throws ListenError; those opened before stay so */
export async function openListeners(options: ListeningOptions): Promise<void> {
  const { house, reception, journal, remote, opened } = options
  const { listen } = house().settings
  const limits = (): StreamLimits => streamLimits(house().settings.limits)
  const listenAt = async (name: string, place: Place, host: Host, caps: ConnectionCaps): Promise<void> => {
    const address = hostAndPort(place.host ?? '::', place.port)
    const balancers = networkSet(place.proxyProtocol)
    try {
      const listener = await Listener.open({
        name,
        host: place.host ?? '::',
        port: place.port,
        tls: place.tls,
        ...host,
        limits,
        caps,
        trusts: (peer) => name !== 'remote' && house().isCoreAddress(peer),
        isBalancer: (peer) => balancers.has(peer),
        onAcceptError: (error) => journal.acceptError(address, error),
      })
      opened({ listener, tls: place.words ?? place.tls })
    } catch (error) {
      throw new ListenError(`listen.${name}`, address, error)
    }
  }
  for (const name of ['federation', 'core'] as const) {
    // Of their own each, so that strangers cannot take the places of the core.
    const caps = new ConnectionCaps(limits)
    const host = name === 'core' ? { reception } : paced(options)
    for (const place of listen[name]) await listenAt(name, place, host, caps)
  }
  const caps = new ConnectionCaps(() => capsOfClients(house().settings.limits))
  for (const place of remote ? listen.remote : []) {
    const ways = remote!.waysAt(place)
    const host: Host = { doorman: reception, welcome: remote!.welcomeAt(ways) }
    // Where there are several ways, a connection says itself which one it takes.
    const tls = ways.starttls ? 'starttls' : 'direct'
    await listenAt('remote', { ...place, tls, words: waysInWords(place) }, host, caps)
  }
}

/** Streams of partners, as fast as new connections may come from one place; the core may come as often as it likes. */
function paced({ house, reception, mayCome }: ListeningOptions): Host {
  const receive = drivers(reception)
  return {
    doorman: reception,
    welcome(socket, arrival) {
      const { remoteAddress } = arrival.origin
      const isWelcome = house().isCoreAddress(remoteAddress) || mayCome(remoteAddress)
      return isWelcome ? receive(socket, arrival) : 'SP-654'
    },
  }
}

/** Where to listen. `words`: how TLS begins there, where more than one way is open. */
type Place = ListenAddress & { readonly words?: string }

const capsOfClients = ({ sessions, sessionsPerAddress }: Limits): Caps => ({
  connections: sessions,
  connectionsPerAddress: sessionsPerAddress,
})

/** An open listener, for the status. */
export function listenerStatus({ listener: { name, address, connections }, tls }: OpenListener): ListenerStatus {
  return { name, address: hostAndPort(address.address, address.port), tls, connections }
}
