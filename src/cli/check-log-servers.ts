// The part of `check --online` about log servers: does each take a connection, and prove its name?

import type { Settings } from '../config/settings.ts'
import { connectToLogServer, nameOfPlace } from '../net/log-server-connection.ts'
import { Resolver } from '../net/resolve.ts'
import { PROFILES } from '../trust/profiles/profiles.ts'
import type { Checked } from './checked.ts'

/** One for each log server of the settings. Nothing is written to them. */
export async function checkLogServers({ log, federation, limits, dns }: Settings): Promise<readonly Checked[]> {
  const resolver = new Resolver({ timeoutMs: dns.timeoutMs })
  return Promise.all(
    log.servers.map(async (place): Promise<Checked> => {
      const about = { area: 'log', subject: nameOfPlace(place) } as const
      const made = await connectToLogServer({
        ...{ place, profile: PROFILES[federation.profile], timeoutMs: limits.connectMs },
        ...{ addresses: (host) => resolver.addresses(host), signal: new AbortController().signal },
      })
      if (made.ok) {
        made.socket.destroy()
        return { ...about, severity: 'ok', message: `takes connections by ${made.tls.version}, ${made.tls.cipher}` }
      }
      const act = `Check that it listens for syslog over TLS, that the way to it is open, and that ${place.anchors.join(', ')} vouches for the name ${place.name}.`
      return { ...about, severity: 'error', message: `takes no log: ${made.detail}`, act }
    }),
  )
}
