// What log-in by certificate gets wrong together with the rest: a core that could be shown none, nobody to show one, and CAs
// that speak for one another's users. Pure.

import { findingAt } from './check.ts'
import type { Finding } from './finding.ts'
import type { GatewayDraft } from './readings.ts'
import type { YamlFile } from './yaml.ts'

/** `trust.cards` against `core.clients` and `listen.remote`. */
export function cardLogIns(yaml: YamlFile, { cards, clients, remote = [] }: GatewayDraft): readonly Finding[] {
  if (!cards) return []
  if (remote.length === 0) {
    const message = 'nobody can show a certificate: no listener is for remote users (listen.remote)'
    return [findingAt(yaml, ['trust', 'cards'], message, { severity: 'warning', at: 'key' }), ...unbound(yaml, cards)]
  }
  if (clients?.tls !== 'none') return unbound(yaml, cards)
  const message =
    'users who log in by certificate are proven to the core by one, which needs TLS; write starttls or direct'
  return [findingAt(yaml, ['core', 'clients', 'tls'], message), ...unbound(yaml, cards)]
}

/** SECURITY: rules that hold for the CAs of several files, any of which can put anybody's name into a card of its own. */
function unbound(yaml: YamlFile, { issuers, addresses }: NonNullable<GatewayDraft['cards']>): readonly Finding[] {
  if (new Set(issuers).size < 2) return []
  return addresses.flatMap(({ from, issuer }, index) => {
    if (issuer !== undefined) return []
    const message = `the rule from ${from} holds for the CAs of all ${issuers.length} files of issuers:, so that each can vouch for the users of the others; give the rule its issuer:, one of the files, or write CAs that issue for the same people into one file`
    return [findingAt(yaml, ['trust', 'cards', 'addresses', index], message, { severity: 'warning' })]
  })
}
