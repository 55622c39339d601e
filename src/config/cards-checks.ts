// What log-in by certificate gets wrong together with the rest: a core that could be shown none, and nobody to show one.
// Pure.

import { findingAt } from './check.ts'
import type { Finding } from './finding.ts'
import type { GatewayDraft } from './readings.ts'
import type { YamlFile } from './yaml.ts'

/** `trust.cards` against `core.clients` and `listen.remote`. */
export function cardLogIns(yaml: YamlFile, { cards, clients, remote = [] }: GatewayDraft): readonly Finding[] {
  if (!cards) return []
  if (remote.length === 0) {
    const message = 'nobody can show a certificate: no listener is for remote users (listen.remote)'
    return [findingAt(yaml, ['trust', 'cards'], message, { severity: 'warning', at: 'key' })]
  }
  if (clients?.tls !== 'none') return []
  const message =
    'users who log in by certificate are proven to the core by one, which needs TLS; write starttls or direct'
  return [findingAt(yaml, ['core', 'clients', 'tls'], message)]
}
