// Which certificate policies hold for a whole path, and whether one that is demanded is among them. RFC 5280 §6.1 with
// the graph of RFC 9618 in place of the tree, whose size a few mappings make exponential.
//
// Rule 1: a level of the graph has one node per policy; with the bounds of `policy-extensions.ts` that is all it costs.
// Rule 2: nodes without children are not looked for: who walks from the last level upwards never meets them, and the
//         graph is empty when its last level is.
// Rule 3: an anchor names no policies (§6.1 begins below it), but what it demands of those below it holds (RFC 5937).

import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { OID_ANY_POLICY } from './policy-extensions.ts'
import type { PolicyMapping } from './policy-extensions.ts'

export interface PolicyFault {
  readonly certificate: Certificate
  readonly words: string
}

interface Node {
  readonly policy: string
  /** What a certificate below may name to stay under this policy. */
  expected: ReadonlySet<string>
  readonly parents: readonly Node[]
}

/** One level, by policy; a level that is `undefined` is a graph that is empty. */
type Level = Map<string, Node>

interface Counters {
  explicit: number
  mapping: number
  any: number
}

/**
 * Why the path holds under no policy that would do, the first of what is wrong from the anchor down.
 * @param path leaf first, anchor last (they may be one)
 * @param demanded policies of which one must hold; `OID_ANY_POLICY` for any, none to demand nothing
 */
export function findPolicyFault(path: readonly Certificate[], demanded: readonly string[]): PolicyFault | undefined {
  const [leaf] = path
  const below = path.length > 1 ? path.slice(0, -1).toReversed() : path
  // Most paths: nobody demands, so that nothing can follow from who names what.
  const silent = demanded.length === 0 && path.every((one) => !one.extensions.policyConstraints)
  const counters: Counters = { explicit: demanded.length > 0 ? 0 : below.length + 1, mapping: Infinity, any: Infinity }
  if (path.length > 1) constrain(counters, path.at(-1)!)

  let level: Level | undefined = new Map([[OID_ANY_POLICY, node(OID_ANY_POLICY, [])]])
  for (const certificate of below) {
    const { policyMappings = [] } = certificate.extensions
    // §6.1.4 (a)
    if (policyMappings.some(({ issuer, subject }) => issuer === OID_ANY_POLICY || subject === OID_ANY_POLICY))
      return { certificate, words: 'it maps a policy to any, or any to a policy' }
    if (silent) continue
    level = descend(level, certificate, counters.any > 0 || (certificate !== leaf && isSelfIssued(certificate)))
    if (!level && counters.explicit === 0) return { certificate, words: 'no certificate policy holds down to it' }
    if (certificate === leaf) break
    if (level) map(level, policyMappings, counters.mapping > 0)
    if (!isSelfIssued(certificate)) countDown(counters)
    constrain(counters, certificate)
  }
  if (silent) return undefined
  // §6.1.5 (a), (b)
  const needed = counters.explicit <= 1 || leaf?.extensions.policyConstraints?.requireExplicit === 0
  return needed ? findUndemanded(level, demanded, leaf!) : undefined
}

/** §6.1.5 (g) */
function findUndemanded(
  level: Level | undefined,
  demanded: readonly string[],
  leaf: Certificate,
): PolicyFault | undefined {
  if (!level || level.size === 0) return { certificate: leaf, words: 'no certificate policy holds down to it' }
  if (demanded.length === 0 || demanded.includes(OID_ANY_POLICY) || level.has(OID_ANY_POLICY)) return undefined
  const holding = policiesAbove(level)
  if (demanded.some((policy) => holding.has(policy))) return undefined
  return { certificate: leaf, words: `it holds under ${words(holding)}, not under ${words(demanded)}` }
}

const words = (policies: Iterable<string>): string => [...policies].slice(0, 8).join(', ')

function node(policy: string, parents: readonly Node[]): Node {
  return { policy, expected: new Set([policy]), parents }
}

/** §6.1.3 (d), (e): the level of this certificate below the one of its issuer. */
function descend(above: Level | undefined, certificate: Certificate, anyCounts: boolean): Level | undefined {
  const { policies } = certificate.extensions
  if (!above || !policies) return undefined
  const expecting = new Map<string, Node[]>()
  for (const parent of above.values())
    for (const policy of parent.expected) {
      const parents = expecting.get(policy)
      if (parents) parents.push(parent)
      else expecting.set(policy, [parent])
    }
  const any = above.get(OID_ANY_POLICY)
  const level: Level = new Map()
  for (const policy of policies) {
    if (policy === OID_ANY_POLICY) continue
    const parents = expecting.get(policy) ?? (any && [any])
    if (parents) level.set(policy, node(policy, parents))
  }
  if (anyCounts && policies.includes(OID_ANY_POLICY))
    for (const [policy, parents] of expecting) if (!level.has(policy)) level.set(policy, node(policy, parents))
  return level.size > 0 ? level : undefined
}

/** §6.1.4 (b): what the certificates below may name instead. */
function map(level: Level, mappings: readonly PolicyMapping[], permitted: boolean): void {
  const any = level.get(OID_ANY_POLICY)
  for (const [issuer, group] of Map.groupBy(mappings, (mapping) => mapping.issuer)) {
    let mapped = level.get(issuer)
    if (!permitted) {
      level.delete(issuer)
      continue
    }
    if (!mapped && any) level.set(issuer, (mapped = node(issuer, any.parents)))
    if (mapped) mapped.expected = new Set(group.map(({ subject }) => subject))
  }
}

/** §6.1.4 (h) */
function countDown(counters: Counters): void {
  counters.explicit = Math.max(0, counters.explicit - 1)
  counters.mapping = Math.max(0, counters.mapping - 1)
  counters.any = Math.max(0, counters.any - 1)
}

/** §6.1.4 (i), (j) */
function constrain(counters: Counters, { extensions }: Certificate): void {
  const { policyConstraints, inhibitAnyPolicy = Infinity } = extensions
  counters.explicit = Math.min(counters.explicit, policyConstraints?.requireExplicit ?? Infinity)
  counters.mapping = Math.min(counters.mapping, policyConstraints?.inhibitMapping ?? Infinity)
  counters.any = Math.min(counters.any, inhibitAnyPolicy)
}

/** The policies as those who are relied on know them, before anybody mapped them: the children of “any policy”. */
function policiesAbove(level: Level): ReadonlySet<string> {
  const holding = new Set<string>()
  const seen = new Set<Node>()
  const waiting = [...level.values()]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (next.policy === OID_ANY_POLICY) continue
    if (next.parents.some((parent) => parent.policy === OID_ANY_POLICY)) holding.add(next.policy)
    waiting.push(...next.parents)
  }
  return holding
}
