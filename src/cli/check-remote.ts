// The part of `check` about how remote users find us: what DNS must say (RFC 6120 §3.2.1, XEP-0368 §3), and what
// https:// of each domain must serve for clients in browsers (XEP-0156).

import type { RemoteAddress } from '../config/remote-listeners.ts'
import type { Settings } from '../config/settings.ts'
import { HOST_META } from '../net/client/host-meta.ts'
import type { Checked } from './checked.ts'
import { clientRecord, defaultHost } from './dns-records.ts'

/** One line for each domain and each way in. They are told, not asked for: only outside is it seen what holds outside. */
export function checkRemote({ domains, listen }: Settings): readonly Checked[] {
  const host = defaultHost(domains[0]!.domain)
  return domains.flatMap(({ domain }) => listen.remote.flatMap((address) => linesFor(domain, host, address)))
}

function linesFor(domain: string, host: string, { port, tls, web }: RemoteAddress): readonly Checked[] {
  const ways = tls === 'any' ? (['starttls', 'direct'] as const) : tls === 'none' ? [] : [tls]
  const records = ways.map((way): Checked => ({
    ...LINE,
    subject: domain,
    message: `clients find port ${port} by DNS`,
    act: clientRecord(domain, port, host, way),
  }))
  if (!web) return records
  const url = web.url ?? `wss://${domain}${port === 443 ? '' : `:${port}`}${web.path}`
  const act =
    `Who has https://${domain} otherwise hands these paths on to this port, or serves them itself: ` +
    [...HOST_META.keys()].join(', ') +
    ', both with Access-Control-Allow-Origin: *'
  const found = {
    ...LINE,
    subject: domain,
    message: `clients find ${url} by https://${domain}/.well-known/host-meta`,
    act,
  }
  return [...records, found]
}

const LINE = { area: 'remote', severity: 'ok' } as const
