// What belongs to which way of speaking to the core: keys that one protocol needs and the other knows nothing of. Pure.

import { findingAt, isRecord } from './check.ts'
import type { Finding } from './finding.ts'
import { CORE_TRUST } from './proofs.ts'
import type { GatewayDraft } from './readings.ts'
import { isLoopback, networkSet } from './values.ts'
import { isIP } from 'node:net'
import type { YamlFile } from './yaml.ts'

const COMPONENT_ONLY = ['connections', 'secretFile', 'tls', 'plaintextNetworks'] as const
const SECRET_MISSING = 'missing; write the name of a file with the secret that the core has for the component'

/** The keys of `core:` against its protocol. */
export function coreProtocol(yaml: YamlFile, draft: GatewayDraft): readonly Finding[] {
  const core = isRecord(yaml.value) ? yaml.value['core'] : undefined
  if (!isRecord(core) || draft.protocol === undefined) return []
  const isGiven = (key: string): boolean => core[key] !== undefined && core[key] !== null
  const at = (key: string, message: string): Finding => findingAt(yaml, ['core', key], message)
  if (draft.protocol === 's2s') {
    const misplaced = COMPONENT_ONLY.filter(isGiven).map((key) => at(key, 'only for protocol: component; remove this'))
    return [...misplaced, ...(isGiven('trust') ? [] : [at('trust', `missing; ${CORE_TRUST}`)])]
  }
  return [
    ...(isGiven('secretFile') ? [] : [at('secretFile', SECRET_MISSING)]),
    ...(isGiven('networks') ? [at('networks', 'a component core does not connect to us; remove this')] : []),
    ...proofOfCore(isGiven('trust'), draft, at),
    ...plaintext(draft, at),
    ...elsewhere(yaml, draft),
    ...strangers(yaml, draft),
  ]
}

type At = (key: string, message: string) => Finding

function proofOfCore(trusts: boolean, { tls }: GatewayDraft, at: At): readonly Finding[] {
  if (tls === 'direct') return trusts ? [] : [at('trust', `missing; ${CORE_TRUST}`)]
  return trusts ? [at('trust', 'a core shows no certificate without tls: direct; write that too, or remove this')] : []
}

/** SECURITY: the secret is safe in the handshake, but not the stanzas after it. */
function plaintext({ tls, address, plaintextNetworks = [] }: GatewayDraft, at: At): readonly Finding[] {
  const all = plaintextNetworks.find((network) => network.endsWith('/0'))
  if (all !== undefined) return [at('plaintextNetworks', `${all} is every network; write those that nobody else is in`)]
  if (tls === 'direct') {
    const idle = 'nothing is plaintext with tls: direct; remove one of the two'
    return plaintextNetworks.length > 0 ? [at('plaintextNetworks', idle)] : []
  }
  if (address === undefined || isLoopback(address.host) || isIP(address.host) === 0) return []
  if (networkSet(plaintextNetworks).has(address.host)) return []
  const message =
    'every stanza would cross the network in plaintext: write tls: direct, or list the network in plaintextNetworks'
  return [at('tls', message)]
}

function elsewhere(yaml: YamlFile, { core, evaluation }: GatewayDraft): readonly Finding[] {
  const listens = core !== undefined && core.length > 0
  return [
    ...(listens ? [findingAt(yaml, ['listen', 'core'], 'a component core does not connect to us; remove this')] : []),
    ...(evaluation ? [findingAt(yaml, ['evaluation'], 'the core of the lab speaks s2s; write protocol: s2s')] : []),
  ]
}

/** Whom no entry names there is no component for. */
function strangers(yaml: YamlFile, { mode }: GatewayDraft): readonly Finding[] {
  if (mode !== 'limited' && mode !== 'open') return []
  const message =
    'to a component core only names in the partner list can speak, so that nothing of strangers would cross; write closed or ask'
  return [findingAt(yaml, ['federation', 'mode'], message)]
}

/** Names of a partner that a component core cannot be told of: a component has one exact name. */
export function unreachedNames(
  { protocol }: GatewayDraft,
  yaml: YamlFile,
  names: readonly string[],
): readonly Finding[] {
  if (protocol !== 'component') return []
  return names.flatMap((name, index) => {
    if (!name.startsWith('*.')) return []
    const message = `no component can be every name below ${name.slice(2)}, so nothing crosses for them; write each name that is meant`
    return [findingAt(yaml, ['alsoKnownAs', index], message, { severity: 'warning' })]
  })
}
