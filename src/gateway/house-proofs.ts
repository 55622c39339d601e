// What the settings name in files: certificates, anchors, secrets, read and ready for the house.
//
// Rule: what cannot be read is among the findings; there what was read before stays in force, and where there was nothing,
//       nothing is proven. One faulty file so keeps no other change from taking hold: beside it, an anchor that is taken
//       out is out.

import type { Partner } from '../policy/partner.ts'
import { loadAnchors, type Anchors } from '../trust/anchors.ts'
import type { Certificate } from '../trust/certificate.ts'
import { demandsOf, STANDARD, type Demands } from '../trust/demands.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import { loadSecret } from '../trust/secret.ts'
import { loadCoreTrust, type CoreTrust } from '../trust/verify-core.ts'
import type { Settings } from '../config/settings.ts'
import { Cards, type Minter } from './remote/cards.ts'

export interface Proofs {
  readonly anchors: Anchors
  /** They complete chains and vouch for nobody. */
  readonly intermediates: Anchors
  /** By the domain of the partner's entry. */
  readonly partnerAnchors: ReadonlyMap<string, Anchors>
  readonly core: CoreTrust
  /** The same, where its clients connect. */
  readonly clients: CoreTrust
  /** What we share with the core where it is spoken to as a component. */
  readonly secret: string | undefined
  /** Log-in of users by certificate; undefined: there is none. */
  readonly cards: Cards | undefined
}

export interface ProofsParts {
  readonly settings: Settings
  readonly partners: readonly Partner[]
  readonly users?: Minter | undefined
  now(): number
}

/** Reads them all; `before`: what is in force. */
export async function readProofs(
  { settings, partners, users, now }: ProofsParts,
  before: Proofs | undefined,
): Promise<{ readonly proofs: Proofs; readonly findings: readonly CertificateFinding[] }> {
  const findings: CertificateFinding[] = []
  const { trust, core: coreSettings } = settings
  const anchorsFrom = async (source: 'system' | readonly string[], old: Anchors | undefined): Promise<Anchors> => {
    const read = await loadAnchors(source, old, { now: now() })
    findings.push(...read.findings)
    const isEmpty = read.findings.some(isError) && read.anchors.size === 0
    if (read.anchors === old) return old
    return isEmpty ? (old ?? read.anchors) : sameOrNew(old, read.anchors)
  }
  const anchors = await anchorsFrom(trust.anchors, before?.anchors)
  const intermediates = await anchorsFrom(trust.intermediates, before?.intermediates)
  const partnerAnchors = new Map<string, Anchors>()
  for (const { domain, anchors: files } of partners) {
    if (files.length === 0) continue
    partnerAnchors.set(domain, await anchorsFrom(files, before?.partnerAnchors.get(domain)))
  }
  const core = await loadCoreTrust(coreSettings.trust, before?.core)
  findings.push(...core.findings)
  const clients = await loadCoreTrust(coreSettings.clients?.trust ?? coreSettings.trust, before?.clients)
  if (coreSettings.clients)
    findings.push(...clients.findings.filter((one) => !core.findings.some((known) => known.message === one.message)))
  const { secret, findings: faults } = coreSettings.component
    ? await loadSecret(coreSettings.component.secretFile)
    : { secret: undefined, findings: [] }
  findings.push(...faults)
  const issuers = (subject: string): readonly Certificate[] => intermediates.bySubject.get(subject) ?? []
  const cards = users && (await Cards.load({ settings, minter: users, issuers, now }, before?.cards))
  findings.push(...(cards?.findings ?? []))
  const proofs = {
    ...{ anchors, intermediates, partnerAnchors },
    core: isNothing(core) ? (before?.core ?? core.trust) : core.trust,
    clients: isNothing(clients) ? (before?.clients ?? clients.trust) : clients.trust,
    secret: secret ?? before?.secret,
    cards: cards?.cards,
  }
  return { proofs, findings }
}

/** The profile, what the settings say, and the entry of the partner: each asks for no less than the one before. */
export function demandsBy({ trust, federation }: Settings, partner: Partner | undefined): Demands {
  const { extendedKeyUsage: purposes, certificatePolicies: policies } = trust
  const ours = demandsOf(STANDARD, { purposes, policies, profile: federation.profile })
  return demandsOf(ours, {
    purposes: partner?.extendedKeyUsage,
    policies: partner?.certificatePolicies,
    profile: partner?.profile,
  })
}

const isError = ({ severity }: CertificateFinding): boolean => severity === 'error'

/** Is there, for faulty files, nothing left that would prove the core? */
const isNothing = ({ trust, findings }: Awaited<ReturnType<typeof loadCoreTrust>>): boolean =>
  findings.some(isError) && trust.certificates.size === 0 && trust.pins.length === 0

/** The former certificates where none has changed, wherever they lie now, so that streams proven by them need not be judged again. */
function sameOrNew(former: Anchors | undefined, read: Anchors): Anchors {
  const same =
    former && former.size === read.size && [...read.byFingerprint.keys()].every((key) => former.byFingerprint.has(key))
  return same ? { ...read, bySubject: former.bySubject, byFingerprint: former.byFingerprint } : read
}
