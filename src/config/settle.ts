// What is in force after files have changed while the gateway runs. Pure.
//
// Rule 1: a faulty file keeps its former content in force, and only that: a slip in one partner's file must not keep
// another partner from being blocked. A file that is gone is gone.
// Rule 2: what is in force never contradicts itself. Files that contradict each other keep their former content, those
// that changed first of all.

import { checkUsers, GATEWAY_FILE, POLICY_FILE } from './cross-checks.ts'
import { hasErrors, sortFindings, type Finding } from './finding.ts'
import type { ConfigFiles } from './load.ts'
import { checkPartners } from './partner-checks.ts'
import type { GatewayReading, PartnerReading, PolicyReading } from './readings.ts'
import type { Settings } from './settings.ts'
import { checkWhomPartners } from './whom-partner-checks.ts'

/** Readings without errors that go together. */
export interface InForce {
  readonly gateway: GatewayReading
  readonly policy: PolicyReading
  readonly partners: ReadonlyMap<string, PartnerReading>
}

export interface Settled {
  readonly inForce: InForce
  readonly findings: readonly Finding[]
}

/** The settings that the files come to; undefined where gateway.yaml comes to none. */
export function settingsIn({ gateway, policy }: Pick<InForce, 'gateway' | 'policy'>): Settings | undefined {
  const { settings } = gateway
  return settings && policy.policy ? { ...settings, policy: policy.policy } : settings
}

/** Former readings and what the files come to now → what is in force now. */
export function settle(former: InForce, files: ConfigFiles): Settled {
  const findings = [...files.findings, ...files.gateway.findings, ...files.policy.findings]
  let gateway =
    hasErrors(files.gateway.findings) || files.gateway.settings === undefined ? former.gateway : files.gateway
  let policy = files.policy.policy === undefined ? former.policy : files.policy
  const partners = new Map<string, PartnerReading>()
  for (const [name, reading] of files.partners ?? former.partners) {
    if (files.partners !== undefined) findings.push(...reading.findings)
    const kept = hasErrors(reading.findings) ? former.partners.get(name) : reading
    if (kept !== undefined) partners.set(name, kept)
  }
  for (;;) {
    const all = [
      ...checkPartners(gateway, partners.values()),
      ...checkUsers(gateway, policy),
      ...checkWhomPartners(gateway, policy, partners.values()),
    ]
    const conflicts = all.filter((c) => hasErrors([c.finding]))
    if (conflicts.length === 0) {
      findings.push(...all.map(({ finding }) => finding)) // Warnings.
      return { inForce: { gateway, policy, partners }, findings: sortFindings(findings) }
    }
    findings.push(...conflicts.map((conflict) => conflict.finding))
    for (const name of new Set(conflicts.flatMap((conflict) => conflict.files))) {
      if (name === GATEWAY_FILE) gateway = former.gateway
      else if (name === POLICY_FILE) policy = former.policy
      else revert(partners, former.partners, name)
    }
  }
}

/** Each round takes back what changed, so the rounds come to an end: former readings do not contradict each other. */
function revert(partners: Map<string, PartnerReading>, former: InForce['partners'], name: string): void {
  const before = former.get(name)
  if (before === undefined) partners.delete(name)
  else partners.set(name, before)
}
