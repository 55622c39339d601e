// What is in force after files have changed while the gateway runs. Pure.
//
// Rule 1: a faulty file keeps its former content in force, and only that: a slip in one partner's file must not keep
// another partner from being blocked. A file that is gone is gone.
// Rule 2: what is in force never contradicts itself. Of files that contradict each other as few as may be keep their former
// content: that of a partner where this ends the contradiction, and policy.yaml or gateway.yaml only where it does not. The
// finding names whichever is held back.

import { basename } from 'node:path'
import { checkUsers, GATEWAY_FILE, POLICY_FILE, type Conflict } from './cross-checks.ts'
import { hasErrors, isError, sortFindings, type Finding } from './finding.ts'
import type { ConfigFiles } from './load.ts'
import { checkPartners, partnerSteps } from './partner-checks.ts'
import type { GatewayReading, PartnerReading, PolicyReading } from './readings.ts'
import type { Settings } from './settings.ts'
import { atOnce, type Steps } from './slices.ts'
import { checkNamedPolicies, checkWhomPartners, whomPartnerSteps } from './whom-partner-checks.ts'

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

/** The mistake for which gateway.yaml or policy.yaml counts as it was before; undefined: both count as they are written. */
export function heldBackIn(inForce: InForce, files: ConfigFiles, findings: readonly Finding[]): Finding | undefined {
  if (inForce.gateway === files.gateway && inForce.policy === files.policy) return undefined
  const errors = findings.filter(isError)
  return errors.find(({ file }) => !isPartners(basename(file))) ?? errors[0]
}

/** Former readings and what the files come to now → what is in force now. */
export const settle = (former: InForce, files: ConfigFiles): Settled => atOnce(settleSteps(former, files))

/** The same with pauses. */
export function* settleSteps(former: InForce, files: ConfigFiles): Steps<Settled> {
  const findings = [...files.findings, ...files.gateway.findings, ...files.policy.findings]
  const gateway =
    hasErrors(files.gateway.findings) || files.gateway.settings === undefined ? former.gateway : files.gateway
  const policy = files.policy.policy === undefined ? former.policy : files.policy
  const partners = new Map<string, PartnerReading>()
  for (const [name, reading] of files.partners ?? former.partners) {
    if (files.partners !== undefined) findings.push(...reading.findings)
    const kept = hasErrors(reading.findings) ? former.partners.get(name) : reading
    if (kept !== undefined) partners.set(name, kept)
  }
  let now: InForce = { gateway, policy, partners }
  for (;;) {
    const all = [
      ...(yield* partnerSteps(now.gateway, now.partners.values())),
      ...checkUsers(now.gateway, now.policy),
      ...(yield* whomPartnerSteps(now.gateway, now.policy, now.partners.values())),
    ]
    yield
    const conflicts = all.filter((c) => hasErrors([c.finding]))
    if (conflicts.length === 0) {
      findings.push(...all.map(({ finding }) => finding)) // Warnings.
      return { inForce: now, findings: sortFindings(findings) }
    }
    const held = new Set<string>()
    for (const conflict of conflicts) {
      const back = heldBack(conflict, now, former)
      for (const name of back) held.add(name)
      findings.push(naming(conflict.finding, back))
    }
    if (held.size === 0) return { inForce: former, findings: sortFindings(findings) }
    now = takenBack(now, former, held)
  }
}

const isPartners = (name: string): boolean => name !== GATEWAY_FILE && name !== POLICY_FILE

/** The files of a conflict that go back to what they said before: those of partners rather than the others. */
function heldBack({ files }: Conflict, now: InForce, former: InForce): readonly string[] {
  const changed = files.filter((name) => readingOf(name, now) !== readingOf(name, former))
  const mending = changed.filter((name) => !contradicts(name, files, now, former))
  const choices = [mending.filter(isPartners), mending.slice(0, 1), changed.filter((name) => !isPartners(name))]
  return choices.find((choice) => choice.length > 0) ?? changed
}

/** Would what this file said before contradict the others, too? */
function contradicts(name: string, files: readonly string[], now: InForce, former: InForce): boolean {
  const gateway = name === GATEWAY_FILE ? former.gateway : now.gateway
  const policy = name === POLICY_FILE ? former.policy : now.policy
  const partners = files.filter(isPartners).flatMap((one) => (one === name ? former : now).partners.get(one) ?? [])
  const all = [
    ...checkPartners(gateway, partners),
    ...checkNamedPolicies(policy, partners),
    ...(files.some(isPartners) ? [] : [...checkUsers(gateway, policy), ...checkWhomPartners(gateway, policy, [])]),
  ]
  return all.some(
    (conflict) =>
      hasErrors([conflict.finding]) && conflict.files.includes(name) && conflict.files.every((f) => files.includes(f)),
  )
}

function readingOf(name: string, { gateway, policy, partners }: InForce): object | undefined {
  return name === GATEWAY_FILE ? gateway : name === POLICY_FILE ? policy : partners.get(name)
}

/** The finding, with the names of what is held back where it does not stand in that file itself. */
function naming(finding: Finding, held: readonly string[]): Finding {
  const others = held.filter((name) => name !== basename(finding.file))
  if (others.length === 0) return finding
  const message = `${finding.message}; until then ${others.join(' and ')} counts as it was before`
  return { ...finding, message }
}

/** Each round takes back what changed, so the rounds come to an end: former readings do not contradict each other. */
function takenBack(now: InForce, former: InForce, names: ReadonlySet<string>): InForce {
  const partners = new Map(now.partners)
  for (const name of [...names].filter(isPartners)) {
    const before = former.partners.get(name)
    if (before === undefined) partners.delete(name)
    else partners.set(name, before)
  }
  return {
    gateway: names.has(GATEWAY_FILE) ? former.gateway : now.gateway,
    policy: names.has(POLICY_FILE) ? former.policy : now.policy,
    partners,
  }
}
