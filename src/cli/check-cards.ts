// The part of `check` that looks at how users log in by certificate: who vouches for them, the files of pairs, and the CA by
// which the core is told who they are.

import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { loadAnchors } from '../trust/anchors.ts'
import { loadPairs } from '../trust/card/pairs.ts'
import { openUsersCa, USERS_CA } from '../trust/card/users-ca.ts'
import { isThere } from '../trust/files.ts'
import { fromCertificateFinding, type Checked } from './checked.ts'

export interface CardsCheck {
  readonly settings: Settings
  readonly directory: string
  readonly now: () => number
}

const about = { area: 'certificates', subject: 'cards' } as const

/** Nothing where no user logs in by certificate. */
export async function checkCards(o: CardsCheck): Promise<readonly Checked[]> {
  const { cards, anchors: partners } = o.settings.trust
  if (!cards) return []
  const { anchors, findings } = await loadAnchors(cards.issuers)
  const checked = findings.map(fromCertificateFinding)
  const own = await ownCas(o)
  if ([...anchors.byFingerprint.keys()].some((fingerprint) => own.has(fingerprint)))
    checked.push({
      ...about,
      severity: 'error',
      message: 'a CA of the gateway itself is among those that vouch for users',
      act: 'Take it out of `trust.cards.issuers`; only the CAs that issue cards belong there.',
    })
  const theirs = partners === 'system' ? undefined : (await loadAnchors(partners)).anchors
  if (theirs && [...anchors.byFingerprint.keys()].some((fingerprint) => theirs.byFingerprint.has(fingerprint)))
    checked.push({
      ...about,
      severity: 'warning',
      message: 'a CA vouches for partners and for users alike',
      act: 'Fine where one PKI is meant to do both; otherwise keep `trust.anchors` and `trust.cards.issuers` apart.',
    })
  for (const rule of cards.addresses) {
    if (rule.kind !== 'pairs') continue
    const { pairs, findings: faults } = await loadPairs(rule.file)
    checked.push(...faults.map(fromCertificateFinding))
    if (pairs.size === 0 && faults.length === 0)
      checked.push({ ...about, severity: 'warning', message: `no pair in ${rule.file}: nobody is found by it` })
  }
  if (anchors.size > 0)
    checked.push({ ...about, severity: 'ok', message: `vouched for by ${anchors.source}, ${anchors.size} anchors` })
  return [...checked, ...(await usersCa(o))]
}

/** Fingerprints of the CAs whose keys the gateway holds. */
async function ownCas({ directory }: CardsCheck): Promise<ReadonlySet<string>> {
  const files = ['internal-ca', 'users-ca'].map((folder) => join(directory, 'certs', folder, 'ca.pem'))
  const own = new Set<string>()
  for (const file of files) {
    if (!(await isThere(file))) continue
    const { anchors } = await loadAnchors([file])
    for (const fingerprint of anchors.byFingerprint.keys()) own.add(fingerprint)
  }
  return own
}

async function usersCa({ settings, directory, now }: CardsCheck): Promise<readonly Checked[]> {
  const place = join(directory, USERS_CA)
  const row = { area: 'certificates', subject: USERS_CA } as const
  if (!(await isThere(join(place, 'ca.pem'))))
    return [
      {
        ...row,
        severity: 'warning',
        message: "there is no users' CA yet",
        act: 'The next start makes it; the client port of the core must then trust its ca.pem, and nothing else of the core may.',
      },
    ]
  const domains = settings.domains.map(({ domain }) => domain)
  const { ca, findings } = await openUsersCa({ directory: place, domains, now, capacity: 1 })
  const checked = findings.map(fromCertificateFinding)
  if (!ca) return checked
  const [ending] = ca.endings
  const until = ending
    ? `; until ${new Date(ending.notAfter).toISOString().slice(0, 10)}, and another one is made before that`
    : ''
  const message = `the users' CA can vouch for no host and no server; whoever has its key is every user to a core that trusts it${until}`
  return [...checked, { ...row, severity: 'ok', message }]
}
