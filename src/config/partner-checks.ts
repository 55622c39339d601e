// What files of partners get wrong together: with each other, with our own domains and listeners, and with what
// gateway.yaml asks of them. Pure.
//
// Two entries that claim one name contradict each other, and are refused, unless one of them is blocked: that one wins
// (`policy/partners.ts`), and the other is warned of. So nothing that stands in another file keeps a name from being blocked.

import type { CertificateChange, Partner } from '../policy/partner.ts'
import { isBelow } from '../xmpp/domain.ts'
import { findingAt } from './check.ts'
import { unreachedNames } from './core-checks.ts'
import { GATEWAY_FILE, overlaps, type Conflict } from './cross-checks.ts'
import { alternatives } from './fields.ts'
import type { Finding, PathStep } from './finding.ts'
import { BUILT_IN_CLASSES } from './partner-values.ts'
import { partnerProfile } from './profile-checks.ts'
import type { GatewayDraft, GatewayReading, PartnerReading } from './readings.ts'
import { atOnce, type Steps } from './slices.ts'
import { suggest } from './suggest.ts'
import { isLoopback } from './values.ts'
import type { YamlFile } from './yaml.ts'

/** The checks of partner files against each other and against gateway.yaml. */
export const checkPartners = (gateway: GatewayReading, partners: Iterable<PartnerReading>): readonly Conflict[] =>
  atOnce(partnerSteps(gateway, partners))

/** The same with pauses. */
export function* partnerSteps(
  { draft }: GatewayReading,
  partners: Iterable<PartnerReading>,
): Steps<readonly Conflict[]> {
  const conflicts: Conflict[] = []
  const ours = new Set(draft.domains)
  // Apart, so that two contradict each other whether or not a third one blocks the name.
  const claims = { blocked: new Map<string, Claim>(), other: new Map<string, Claim>() }
  for (const { name: file, partner, yaml } of partners) {
    yield
    if (partner === undefined || yaml === undefined) continue
    const claim = { file, partner, yaml }
    for (const name of [partner.domain, ...partner.alsoKnownAs, ...(partner.decorates ?? [])]) {
      const own = takenFrom(ours, name)
      if (own !== undefined) conflicts.push({ finding: ownName(claim, name, own), files: [file, GATEWAY_FILE] })
      const [mine, others] =
        partner.status === 'blocked' ? [claims.blocked, claims.other] : [claims.other, claims.blocked]
      for (const known of [mine.get(name), others.get(name)]) {
        if (known === undefined || known === claim) continue
        conflicts.push({ finding: twice(known, claim, name), files: [file, known.file] })
      }
      if (!mine.has(name)) mine.set(name, claim)
    }
    for (const find of AGAINST_GATEWAY)
      for (const finding of find(draft, yaml, partner)) conflicts.push({ finding, files: [file, GATEWAY_FILE] })
    for (const finding of [...inVain(yaml, partner), ...provided(ours, yaml, partner), ...served(yaml, partner)])
      conflicts.push({ finding, files: [file] })
  }
  return conflicts
}

type Check = (draft: GatewayDraft, yaml: YamlFile, partner: Partner) => readonly Finding[]

const AGAINST_GATEWAY: readonly Check[] = [
  (draft, yaml, { alsoKnownAs }) => unreachedNames(draft, yaml, alsoKnownAs),
  partnerProfile,
  heldByAll,
  ownListeners,
  missing,
  unknownClass,
]

/** Whose the names of an entry are. */
interface Claim {
  readonly file: string
  readonly partner: Partner
  readonly yaml: YamlFile
}

function pathOf({ domain, alsoKnownAs, decorates = [] }: Partner, name: string): readonly PathStep[] {
  if (name === domain) return ['domain']
  const index = alsoKnownAs.indexOf(name)
  return index === -1 ? ['decorates', decorates.indexOf(name)] : ['alsoKnownAs', index]
}

/** The domain of ours that a partner's name or pattern would take. */
function takenFrom(ours: ReadonlySet<string>, name: string): string | undefined {
  if (!name.startsWith('*.')) return ours.has(name) ? name : undefined
  const parent = name.slice(2)
  return [...ours].find((domain) => isBelow(domain, parent))
}

function ownName({ yaml, partner }: Claim, name: string, own: string): Finding {
  const taken = name === own ? own : `${name} takes in ${own}, which`
  return findingAt(
    yaml,
    pathOf(partner, name),
    `${taken} is one of our own domains (${GATEWAY_FILE}); a partner cannot have it`,
  )
}

/** Two entries with one name. */
function twice(first: Claim, second: Claim, name: string): Finding {
  const isBlocked = ({ partner }: Claim): boolean => partner.status === 'blocked'
  if (isBlocked(first) === isBlocked(second)) {
    const message = `${name} already belongs to ${first.yaml.file}; keep it in one of the two`
    return findingAt(second.yaml, pathOf(second.partner, name), message)
  }
  const [blocked, other] = isBlocked(first) ? [first, second] : [second, first]
  const message = `${name} is blocked by ${blocked.yaml.file}, which wins; take the name out here, or remove that entry`
  return findingAt(other.yaml, pathOf(other.partner, name), message, { severity: 'warning' })
}

const HOLDS: ReadonlySet<CertificateChange | undefined> = new Set(['hold-unusual', 'hold'] as const)

/** What an entry says and cannot have. */
function inVain(yaml: YamlFile, { authentication, pins, certificateChange }: Partner): readonly Finding[] {
  if (authentication === 'certificate') return []
  const findings: Finding[] = []
  if (pins.length > 0) {
    const message = 'a pinned key is no proof where dialback is enough; write authentication: certificate, or no pins'
    findings.push(findingAt(yaml, ['pins'], message))
  }
  if (HOLDS.has(certificateChange)) {
    const message = 'nothing is held where dialback is enough; write authentication: certificate, or report'
    findings.push(findingAt(yaml, ['certificateChange'], message))
  }
  return findings
}

/** SECURITY: a provider vouches for names that somebody has written out, and never is one of ours. */
function provided(ours: ReadonlySet<string>, yaml: YamlFile, partner: Partner): readonly Finding[] {
  const { provider, alsoKnownAs } = partner
  if (provider === undefined) return []
  const below = alsoKnownAs.flatMap((name, index) => {
    if (!name.startsWith('*.')) return []
    const message = `its provider would vouch for every name below ${name.slice(2)}; write each name, or an entry of its own`
    return [findingAt(yaml, ['alsoKnownAs', index], message)]
  })
  const own = ours.has(provider) ? [findingAt(yaml, ['provider'], `${provider} is one of our own domains`)] : []
  return [...below, ...own]
}

/** Who is served under decorated names has no name of their own in the same entry. */
function served(yaml: YamlFile, { domain, alsoKnownAs, decorates = [] }: Partner): readonly Finding[] {
  return decorates.flatMap((name, index) => {
    const isOwn = name === domain || alsoKnownAs.includes(name)
    const message = `${name} is a name of this entry, which speaks for itself; take it out of one of the two`
    return isOwn ? [findingAt(yaml, ['decorates', index], message)] : []
  })
}

function heldByAll(
  { certificateChange: ofAll }: GatewayDraft,
  yaml: YamlFile,
  { authentication, certificateChange }: Partner,
): readonly Finding[] {
  if (authentication === 'certificate' || HOLDS.has(certificateChange) || !HOLDS.has(ofAll)) return []
  const message = `nothing is held where dialback is enough; write certificate, or trust.certificateChange in ${GATEWAY_FILE}: report`
  return [findingAt(yaml, ['authentication'], message)]
}

function ownListeners({ federation = [] }: GatewayDraft, yaml: YamlFile, { connect }: Partner): readonly Finding[] {
  return connect.flatMap((route, index) => {
    if (!federation.some((listener) => overlaps(listener, route))) return []
    if (!isLoopback(route.host) && !federation.some(({ host }) => host === route.host)) return []
    return [findingAt(yaml, ['connect', index], 'this is our own listener; write where the partner listens')]
  })
}

const REQUIRED = {
  owner: 'who answers for this entry',
  purpose: 'why it exists',
  contact: 'whom to ask at the partner',
  review: 'by which day somebody looks at it again',
  expires: 'its last day',
} as const

/** What `federation.required` asks for. Only of entries that admit: nothing keeps a partner from being blocked. */
function missing({ required = [] }: GatewayDraft, yaml: YamlFile, partner: Partner): readonly Finding[] {
  if (partner.status !== 'allowed') return []
  const keys = required.filter((key) => partner[key] === undefined)
  return keys.map((key) => {
    const message = `missing; write ${REQUIRED[key]} (federation.required in ${GATEWAY_FILE} asks for it)`
    return { severity: 'error', file: yaml.file, line: yaml.lineOf(['domain']), path: key, message }
  })
}

function unknownClass({ classes }: GatewayDraft, yaml: YamlFile, partner: Partner): readonly Finding[] {
  if (classes === undefined || BUILT_IN_CLASSES.includes(partner.class) || classes.includes(partner.class)) return []
  const known = [...BUILT_IN_CLASSES, ...classes]
  const near = suggest(partner.class, known)
  const meant = near === undefined ? '' : `; did you mean "${near}"?`
  const message = `no such class; write ${alternatives(known)}, or add it to federation.classes in ${GATEWAY_FILE}${meant}`
  return [findingAt(yaml, ['class'], message)]
}
