// Where remote users come in: the ways in of a listener, as they are written, and who drives a connection there.

import type { RemoteAddress } from '../../config/remote-listeners.ts'
import { Entrance, type Ways } from '../../net/client/entrance.ts'
import { type ClientReception, TcpTransport } from '../../net/client/tcp.ts'
import { Web } from '../../net/client/web.ts'
import type { Arrival, Guest, Welcome } from '../../net/listener.ts'

/** `serves`: is it a domain of ours? Asked at each request, since settings change. */
export function waysOf({ tls, port, web }: RemoteAddress, serves: (domain: string) => boolean): Ways {
  return {
    starttls: tls === 'starttls' || tls === 'any',
    direct: tls === 'direct' || tls === 'any',
    web: web && new Web({ ...web, port, serves }),
  }
}

/** The ways in, for the status. */
export const waysInWords = ({ tls, web }: RemoteAddress): string =>
  [...(tls === 'none' ? [] : [tls]), ...(web ? ['websocket'] : [])].join(', ')

/** Drives a connection. Where there is one way in, nothing needs to be looked at. */
export function enter(socket: Parameters<Welcome>[0], arrival: Arrival, ways: Ways, reception: ClientReception): Guest {
  const { starttls, direct, web } = ways
  if (web || (starttls && direct)) return new Entrance(socket, { ...arrival, ways, reception })
  const transport = new TcpTransport(socket, { ...arrival, reception })
  return {
    settled: false,
    leave: () => transport.quit(),
    get gone() {
      return transport.gone
    },
  }
}
