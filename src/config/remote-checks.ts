// What the settings of remote users get wrong together: listeners that lead nowhere, a core that nothing proves, and
// passwords that would cross a network in plaintext. Pure.

import { isIP } from 'node:net'
import { PROFILES } from '../trust/profiles/profiles.ts'
import { findingAt, isRecord } from './check.ts'
import type { Finding } from './finding.ts'
import { remoteListeners } from './remote-listeners.ts'
import { CORE_TRUST } from './proofs.ts'
import type { GatewayDraft } from './readings.ts'
import { isLoopback, networkSet } from './values.ts'
import type { YamlFile } from './yaml.ts'

const CLIENTS_MISSING = 'leads nowhere; write where the clients of the core connect: core.clients: { address: … }'

/** `listen.remote` against `core.clients`, and that against the rest of `core:`. */
export function remoteUsers(yaml: YamlFile, draft: GatewayDraft): readonly Finding[] {
  const { remote = [], clients } = draft
  const core = isRecord(yaml.value) ? yaml.value['core'] : undefined
  const given = isRecord(core) ? core['clients'] : undefined
  if (given === undefined || given === null) {
    return remote.length > 0 ? [findingAt(yaml, ['listen', 'remote'], CLIENTS_MISSING)] : []
  }
  if (clients === undefined) return []
  const trusts = clients.trust !== undefined || (isRecord(core) && core['trust'] !== undefined)
  return [
    ...remoteListeners(yaml, draft),
    ...everybody(yaml, remote),
    ...(clients.tls === 'none' ? plain(yaml, draft) : secured(yaml, draft, trusts)),
  ]
}

/** Balancers are few and known. */
function everybody(yaml: YamlFile, remote: NonNullable<GatewayDraft['remote']>): readonly Finding[] {
  return remote.flatMap(({ proxyProtocol }, index) =>
    proxyProtocol.flatMap((network, place) => {
      if (!network.endsWith('/0')) return []
      const message = 'lets everybody say where they come from; write the addresses of the balancers'
      return [findingAt(yaml, ['listen', 'remote', index, 'proxyProtocol', place], message, { severity: 'warning' })]
    }),
  )
}

function secured(yaml: YamlFile, { clients }: GatewayDraft, trusts: boolean): readonly Finding[] {
  const idle = 'nothing is plaintext unless tls: none is written; remove this'
  return [
    ...(trusts ? [] : [findingAt(yaml, ['core', 'clients', 'trust'], `missing; ${CORE_TRUST}`)]),
    ...((clients?.plaintextNetworks ?? []).length > 0
      ? [findingAt(yaml, ['core', 'clients', 'plaintextNetworks'], idle)]
      : []),
  ]
}

/** SECURITY: passwords would cross the network, and every word after them. */
function plain(yaml: YamlFile, { clients, profile: name }: GatewayDraft): readonly Finding[] {
  const { address, plaintextNetworks = [] } = clients!
  const at = (key: string, message: string): Finding => findingAt(yaml, ['core', 'clients', key], message)
  const all = plaintextNetworks.find((network) => network.endsWith('/0'))
  if (all !== undefined) return [at('plaintextNetworks', `${all} is every network; write those that nobody else is in`)]
  if (name !== undefined && !PROFILES[name].plaintextCore.is) {
    return [at('tls', `the profile ${name} meets no core in plaintext, on loopback neither; write starttls or direct`)]
  }
  if (isLoopback(address.host)) return []
  const how = 'write tls: starttls or direct, or list the network in plaintextNetworks'
  if (isIP(address.host) === 0) return [at('tls', `plaintext goes to an address only, not to a name; ${how}`)]
  if (!networkSet(plaintextNetworks).has(address.host)) {
    return [at('tls', `passwords would cross the network in plaintext: ${how}`)]
  }
  const message = 'passwords and stanzas of remote users cross this network in plaintext'
  return [findingAt(yaml, ['core', 'clients', 'tls'], message, { severity: 'warning' })]
}
