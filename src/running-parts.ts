// What a running installation consists of, and what its parts do together.

import { isDeepStrictEqual } from 'node:util'
import { domainOf } from './config/changes.ts'
import type { Finding } from './config/finding.ts'
import type { Settings } from './config/settings.ts'
import type { ConfigWatcher } from './config/watch.ts'
import type { Authorities } from './gateway/authorities.ts'
import type { ExplainQuery, Explanation, Status } from './gateway/control.ts'
import { dryRunUnder } from './gateway/dry-run.ts'
import { cutsBy, type ComingEntry, type Cut } from './gateway/cuts.ts'
import type { Expiries } from './gateway/expiries.ts'
import type { Gateway } from './gateway/gateway.ts'
import { Groups } from './gateway/groups/groups.ts'
import { House } from './gateway/house.ts'
import { partnerSending } from './gateway/partner-sending.ts'
import { Reminders } from './gateway/reminders.ts'
import { adminListener, statusOf, type StatusParts } from './gateway/status.ts'
import { standingOf } from './policy/conduct/standing.ts'
import type { PartnerTerms } from './policy/partners.ts'
import { Resolver } from './net/resolve.ts'
import { GroupSearches } from './net/search-group.ts'
import { GroupFiles, groupFolder } from './store/group-files.ts'
import type { Telling } from './telling.ts'
import type { Identity } from './trust/identity.ts'
import { OwnCertificates } from './trust/own-certificates.ts'
import { unguessable } from './net/unguessable.ts'
import { formatReference } from './xmpp/reference.ts'

/** What a running installation consists of. */
export interface Parts {
  readonly watcher: ConfigWatcher
  readonly authorities: Authorities
  readonly gateway: Gateway
  readonly telling: Telling
  readonly expiries: Expiries
  readonly reminders: Reminders
  readonly groups: Groups
  own: OwnCertificates
}

/** Writes down what changed in the files of partners while nobody watched. Never rejects. */
export async function catchUp({ watcher, telling: { history, events } }: Parts): Promise<void> {
  const textOf = (domain: string): string | undefined => watcher.readings.get(`${domain}.yaml`)?.text
  try {
    await history.catchUp([...watcher.readings.keys()].map(domainOf), textOf)
  } catch (error) {
    events.bug(error)
  }
}

/** The streams of partners that would end if these entries were in force. */
export async function cutsOf(
  { gateway, own, authorities }: Parts,
  coming: readonly ComingEntry[],
): Promise<readonly Cut[]> {
  const { house: former, streams, revocations, proving } = gateway
  if (![...streams.all()].some(({ info }) => info.leg === 'partner')) return []
  const changed = new Set(coming.map(({ domain }) => domain))
  const others = former.partners.all.filter(({ domain }) => !changed.has(domain))
  const partners = [...others, ...coming.flatMap(({ partner }) => partner ?? [])]
  const parts = { settings: former.settings, partners, own, ca: authorities.internal, now: Date.now }
  const { house } = await House.build(parts, former)
  return await cutsBy(house, { house: former, streams, keys: proving.keys, revocations }, Date.now())
}

/** Watches over the days that stand in entries. */
export function remindersOf(watcher: ConfigWatcher, events: Telling['events']): Reminders {
  return new Reminders({ readings: () => watcher.readings.values(), now: Date.now, events })
}

/** What the rules would say, by what is in force and known now. */
export function explanationOf({ gateway: { house, limiting }, telling }: Parts, query: ExplainQuery): Explanation {
  const { settings, partners } = house
  const conduct = house.conduct.bind(house)
  const conductWords = (domain: string, terms: PartnerTerms | undefined): string | undefined =>
    house.conducts.words(domain, standingOf(domain, terms, partners), terms !== undefined)
  const under = { settings, partners, conduct, conductWords }
  return dryRunUnder(query, under, Date.now(), telling.relations, limiting.limitsOf(house))
}

/** One snapshot of all of it. */
export function statusOfAll(
  { gateway, telling, authorities, watcher, groups }: Parts,
  about: Pick<StatusParts, 'version' | 'directory' | 'since' | 'findings'>,
  partner?: string,
): Status {
  return statusOf({
    ...about,
    house: gateway.house,
    listeners: [...gateway.listeners, ...adminListener(gateway.house.settings)],
    streams: gateway.streams.all(),
    provenUntil: (stream) => gateway.renewals.provenUntil(stream),
    links: gateway.ways.all(),
    budgets: gateway.budgets,
    components: gateway.components.status,
    service: gateway.draining.service,
    sending: gateway.limiting.status,
    rooms: gateway.limiting.doorman.rooms.figures,
    partner: partner === undefined ? undefined : partnerSending(partner, gateway, Date.now()),
    partnerKeys: gateway.proving.keys.status,
    conducts: gateway.conduct.list(),
    pending: { domains: gateway.pending.list(), pushedOut: gateway.pending.figures.pushedOut },
    minted: authorities.minted,
    dialbacks: gateway.dialback.underWay,
    needsRestart: watcher.needsRestart,
    records: telling.recorder.figures,
    relations: telling.relations.figures,
    ledgers: gateway.ledgers,
    groups: groups.status(),
    logServers: telling.logServers.status(),
    remote: gateway.remote?.status(),
    totals: telling.events.totals(),
  })
}

/** Hears that a certificate of ours changed on disk; without `identity` the old one stays. */
export interface Hearer {
  certificateChanged(domain: string, identity: Identity | undefined, findings: readonly Finding[]): void
}

/** Reads the certificates of our own domains, and tells when one changes. */
export function loadOwn(
  settings: Settings,
  running: () => Hearer | undefined,
): ReturnType<typeof OwnCertificates.load> {
  return OwnCertificates.load(settings.domains, {
    now: Date.now,
    onReload: (domain, identity, findings) => running()?.certificateChanged(domain, identity, findings),
  })
}

/** Who hears what becomes of groups. */
interface GroupHearer {
  readonly house: { membersChanged(): Promise<void> }
  readonly events: Telling['events']
}

/** Reads the groups that stand in directories. These are inside, and found as the core is: as the system looks names up. */
export function openGroups({ store, dns }: Settings, hearer: () => GroupHearer | undefined): Groups {
  const resolver = new Resolver({ timeoutMs: dns.timeoutMs })
  const searches = new GroupSearches((host) => resolver.addresses(host))
  return new Groups({
    search: (...search) => searches.find(...search),
    keeper: new GroupFiles(groupFolder(store.file)),
    now: Date.now,
    random: Math.random,
    changed: async () => hearer()?.house.membersChanged(),
    events: () => hearer()?.events,
    failed: (error) => hearer()?.events.bug(error),
  })
}

/** The last word, and the end of those that hear it. */
export async function parted({ events, logServers }: Telling, wasUp: boolean): Promise<void> {
  if (wasUp) events.stopped()
  await logServers[Symbol.asyncDispose]()
}

/** All that is wrong, or will be soon; `others`: what whoever asks has found himself. */
export function findingsOf(parts: Parts, others: readonly Finding[]): readonly Finding[] {
  return [
    ...parts.watcher.findings,
    ...others,
    ...parts.own.findings(),
    ...parts.gateway.revocations.findings(),
    ...parts.expiries.findings(),
    ...parts.reminders.findings(),
    ...parts.groups.findings(),
  ]
}

/** The certificates of our own domains under these settings: those at hand, unless they are to be others. */
export async function ownFor(
  settings: Settings,
  { gateway, own }: Parts,
  running: () => Hearer,
): Promise<OwnCertificates> {
  if (isDeepStrictEqual(settings.domains, gateway.house.settings.domains)) return own
  return (await loadOwn(settings, running)).own
}

/** Another one each time, which nobody can guess. */
export const reference = (): string => formatReference(unguessable(8))
