// The part of `check` about how remote users find us: what DNS must say (RFC 6120 §3.2.1, XEP-0368 §3), and what
// https:// of each domain must serve for clients in browsers (XEP-0156).

import type { RemoteAddress } from '../config/remote-listeners.ts'
import type { ListenAddress, Settings } from '../config/settings.ts'
import { HOST_META } from '../net/client/host-meta.ts'
import type { Checked } from './checked.ts'
import { clientRecord, defaultHost } from './dns-records.ts'

/** A listener is of no use while nobody is granted anything. */
export function checkGranted({ listen, policy }: Pick<Settings, 'listen' | 'policy'>): readonly Checked[] {
  if (listen.remote.length === 0 || policy.remote.grants.length > 0) return []
  const message = 'nobody may log in from outside: nothing is granted, and every client is sent away'
  const act = 'Grant it below `remote:` in federation-config/policy.yaml.'
  return [{ area: 'remote', severity: 'warning', subject: 'listen.remote', message, act }]
}

/** One line for each domain and each way in, told without asking anybody (`check-ways-in.ts` asks). */
export function checkRemote({ domains, listen }: Settings): readonly Checked[] {
  const host = defaultHost(domains[0]!.domain)
  return domains.flatMap(({ domain }) => listen.remote.flatMap((address) => linesFor(domain, host, address)))
}

function linesFor(domain: string, host: string, address: RemoteAddress): readonly Checked[] {
  const { port } = address
  const about = { area: 'remote', severity: 'ok', subject: domain } as const
  const records = waysOver(address).map((way): Checked => ({
    ...about,
    message: `clients find port ${port} by DNS`,
    act: clientRecord(domain, port, host, way),
  }))
  const url = webUrl(domain, address)
  if (url === undefined) return records
  const message = `clients find ${url} by https://${domain}/.well-known/host-meta`
  return [...records, { ...about, message, act: HAND_ON }]
}

/** How TLS may begin for streams over TCP at a listener. */
export const waysOver = ({ tls }: RemoteAddress): readonly ListenAddress['tls'][] =>
  tls === 'any' ? ['starttls', 'direct'] : tls === 'none' ? [] : [tls]

/** Where clients of a domain find the WebSocket of a listener; undefined: it has none. */
export const webUrl = (domain: string, { port, web }: RemoteAddress): string | undefined =>
  web && (web.url ?? `wss://${domain}${port === 443 ? '' : `:${port}`}${web.path}`)

/** What is to be done about host metadata. */
export const HAND_ON =
  'Where another web server has https:// of the domain, let it hand these paths on to the listener with the websocket, or serve them itself: ' +
  `${[...HOST_META.keys()].join(', ')}, both with Access-Control-Allow-Origin: *`
