// What a profile has against other settings, and against the entries of partners. Pure.

import type { Partner } from '../policy/partner.ts'
import { isAtLeast, PROFILES, PROFILE_NAMES, stricter } from '../trust/profiles/profiles.ts'
import { findingAt, isRecord } from './check.ts'
import { alternatives } from './fields.ts'
import type { Finding } from './finding.ts'
import type { GatewayDraft } from './readings.ts'
import type { YamlFile } from './yaml.ts'

/** What the profile of the gateway does not go with. */
export function profileOfAll(yaml: YamlFile, { profile: name, ...draft }: GatewayDraft): readonly Finding[] {
  if (name === undefined) return []
  const profile = PROFILES[name]
  const findings: Finding[] = []
  if (profile.anchors.is === 'named' && (draft.anchors ?? 'system') === 'system') {
    const message = `the profile ${name} trusts no CA that nobody has named; write a list of PEM files`
    findings.push(findingAt(yaml, ['trust', 'anchors'], message))
  }
  if (!profile.plaintextCore.is && draft.protocol === 'component' && draft.tls !== 'direct') {
    const message = `the profile ${name} meets no core in plaintext, on loopback neither; write tls: direct`
    findings.push(findingAt(yaml, ['core', 'tls'], message))
  }
  const warn = (path: readonly string[], message: string): void => {
    findings.push(findingAt(yaml, path, message, { severity: 'warning' }))
  }
  if (profile.fips.is === 'required' && draft.fips === 'reported')
    warn(
      ['federation', 'fips'],
      `below what the profile ${name} demands, a validated provider (${profile.fips.source})`,
    )
  if (draft.logServers !== undefined && draft.logServers < profile.logServers.is)
    warn(
      ['log', 'servers'],
      `the profile ${name} wants the log at ${profile.logServers.is} log servers (${profile.logServers.source}); here are ${draft.logServers}`,
    )
  const demanded = { revocation: profile.revocation.is, extendedKeyUsage: profile.purposes.is }
  for (const [key, word] of Object.entries(demanded)) {
    const given = wordAt(yaml, 'trust', key)
    const order = ORDERS.find((one) => one.includes(word)) ?? []
    if (given !== undefined && order.includes(given) && order.indexOf(given) < order.indexOf(word))
      warn(['trust', key], `of no effect: the profile ${name} demands ${word}; write that, or remove this`)
  }
  return findings
}

/** From lax to strict. */
const ORDERS: readonly (readonly string[])[] = [
  ['off', 'soft', 'hard'],
  ['either', 'own-side', 'both'],
]

/** What the file itself says, not what holds by default. */
function wordAt({ value }: YamlFile, section: string, key: string): string | undefined {
  const inner = isRecord(value) ? value[section] : undefined
  const word = isRecord(inner) ? inner[key] : undefined
  return typeof word === 'string' ? word : undefined
}

/** What a partner's entry has against the profile of all, or its own against the rest of it. */
export function partnerProfile(
  { profile: ofAll, anchors: ofGateway, fips, protocol, tls }: GatewayDraft,
  yaml: YamlFile,
  { profile: own, authentication, anchors }: Partner,
): readonly Finding[] {
  if (ofAll === undefined) return []
  if (own !== undefined && !isAtLeast(own, ofAll)) {
    const permitted = PROFILE_NAMES.filter((name) => isAtLeast(name, ofAll))
    const message = `below federation.profile, which is ${ofAll}; write ${alternatives(permitted)}, or remove this`
    return [findingAt(yaml, ['profile'], message)]
  }
  const name = stricter(ofAll, own)
  const profile = PROFILES[name]
  const findings: Finding[] = []
  if (!profile.dialback.is && authentication === 'dialback-over-tls') {
    const message = `the profile ${name} takes no dialback for proof; write certificate`
    findings.push(findingAt(yaml, ['authentication'], message))
  }
  if (name === ofAll) return findings
  if (profile.anchors.is === 'named' && anchors.length === 0 && (ofGateway ?? 'system') === 'system') {
    const message = `the profile ${name} trusts no CA that nobody has named; write who vouches for this partner as anchors`
    findings.push(findingAt(yaml, ['profile'], message))
  }
  if (!profile.plaintextCore.is && protocol === 'component' && tls !== 'direct') {
    const message = `the profile ${name} meets no core in plaintext, on loopback neither; write core.tls in gateway.yaml: direct`
    findings.push(findingAt(yaml, ['profile'], message))
  }
  if (profile.fips.is === 'required' && fips === undefined) {
    const message = `the profile ${name} demands a validated provider of cryptography; write federation.fips in gateway.yaml: required, or reported to do without it`
    findings.push(findingAt(yaml, ['profile'], message))
  }
  return findings
}
