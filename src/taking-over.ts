// Putting in force what the files have come to say: settings and partners, one after the other.
//
// Rule 1: settings take over whole or not at all; where something is against them, those in force stay.
// Rule 2: nothing keeps a partner from being blocked. But where settings stay away that say something else of partners, such as walls, nobody
//         is let in who was not before (`policy/waiting-entries.ts`). The same while a mistake holds back the file they stand in.
// Rule 3: while settings wait the same is not put in force again and again: whatever is done anew by it, such as calling a peer that is
//         away, would be done without need.

import { isDeepStrictEqual } from 'node:util'
import { hasErrors, isError, type Finding } from './config/finding.ts'
import { stampOfNamed } from './config/named-files.ts'
import type { Settings } from './config/settings.ts'
import { objectionsTo } from './gateway/house-checks.ts'
import { House } from './gateway/house.ts'
import { WAITS_MS } from './gateway/groups/groups.ts'
import type { Partner } from './policy/partner.ts'
import { waitingIn, whileWaiting } from './policy/waiting-entries.ts'
import { dayOf } from './policy/relations/calendar.ts'
import { ownFor, type Hearer, type Parts } from './running-parts.ts'
import { storeFiles } from './trust/system-store.ts'
import { reason } from './xmpp/reasons.ts'

export interface TakingOverOptions {
  readonly parts: Parts
  /** Where the internal CA lies. */
  readonly place: string
  /** What is wrong with the files that are named by what is in force. */
  readonly findings: readonly Finding[]
  running(): Hearer
  /** Other files are faulty than before, or none any more. */
  faulty(): void
}

/** So many domains are named of those that wait. */
const MOST_NAMED = 20

export class TakingOver {
  readonly #o: TakingOverOptions
  #findings: readonly Finding[]
  #objections: readonly Finding[] = []
  #waiting: readonly Finding[] = []
  /** What was in force when all of it was. */
  #whole: { readonly settings: Settings; readonly partners: readonly Partner[] }
  /** Of what the house was built last, while settings waited. */
  #built: readonly unknown[] = []
  /** Over when everything that was to be put in force is. */
  #turns: Promise<void> = Promise.resolve()

  constructor(options: TakingOverOptions) {
    this.#o = options
    this.#findings = options.findings
    const { settings, partners } = options.parts.watcher
    this.#whole = { settings, partners }
  }

  /** What keeps new settings from being in force. */
  get objections(): readonly Finding[] {
    return this.#objections
  }

  /** What is wrong with the files with trusted certificates that the configuration names. */
  get faults(): readonly Finding[] {
    return this.#findings
  }

  get findings(): readonly Finding[] {
    return [...this.#objections, ...this.#waiting, ...this.#findings]
  }

  get isWaiting(): boolean {
    return hasErrors(this.#objections)
  }

  /**
   * Puts the partners and the settings, as they now are in the files, in force, unless there is an objection. The files they
   * name are read anew.
   */
  run(): Promise<void> {
    const turn = this.#turns.then(() => this.#runNow())
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  async #runNow(): Promise<void> {
    const { parts, place, running, faulty } = this.#o
    const { watcher, gateway, authorities, groups } = parts
    const { settings: wanted, partners: written } = watcher
    const own = await ownFor(wanted, parts, running)
    const from = { house: gateway.house, ca: authorities.internal, place }
    const unread = await groups.follow([wanted, gateway.house.settings], WAITS_MS.later)
    this.#objections = [...objectionsTo({ settings: wanted, partners: written }, own, from), ...unread]
    const taken = !hasErrors(this.#objections)
    const settings = groups.fill(taken ? wanted : gateway.house.settings)
    const held = watcher.heldBack
    const partners = taken && held === undefined ? written : this.#withheld(wanted, written, held)
    const userFindings = await authorities.follow(settings)
    const { internal: ca, users } = authorities
    const files = taken ? '' : await stampOfNamed(settings, partners, storeFiles)
    const built = taken ? [] : [wanted, written, held, settings.policy, ca, users, files, dayOf(Date.now())]
    if (!taken && built.every((part, index) => part === this.#built[index])) return own[Symbol.asyncDispose]()
    this.#built = built
    const next = { settings, partners, own: taken ? own : parts.own, ca, users, now: Date.now }
    const { house, findings } = await House.build(next, gateway.house)
    const before = this.#findings
    this.#findings = [...findings, ...userFindings.filter(isError)] // Of a CA at work, `expiries` has the rest.
    gateway.apply(house)
    if (partners === written) this.#whole = { settings: taken ? wanted : this.#whole.settings, partners }
    const against = this.#objections.find(isError) ?? held
    this.#waiting = partners === written ? [] : waitingFinding(against, waitingIn(partners, written))
    const unused = taken ? parts.own : own
    parts.own = next.own
    if (unused !== next.own) await unused[Symbol.asyncDispose]()
    if (!isDeepStrictEqual(before.filter(isError), this.#findings.filter(isError))) faulty()
  }

  /** The partners while these settings are not in force: all of them, where the settings say the same of partners. */
  #withheld(wanted: Settings, written: readonly Partner[], held: Finding | undefined): readonly Partner[] {
    const { settings, partners } = this.#whole
    const isSame = isDeepStrictEqual([settings.policy, settings.federation], [wanted.policy, wanted.federation])
    if (isSame && held === undefined) return written
    return whileWaiting(partners, written, { mode: settings.federation.mode, now: Date.now() })
  }
}

function waitingFinding(objection: Finding | undefined, domains: readonly string[]): readonly Finding[] {
  if (objection === undefined || domains.length === 0) return []
  const named = domains.slice(0, MOST_NAMED).join(', ')
  const more = domains.length > MOST_NAMED ? ` and ${domains.length - MOST_NAMED} more` : ''
  const { means } = reason('SP-842')
  const message = `SP-842: ${named}${more}: ${means} Changed entries count as they were before.`
  return [{ ...objection, severity: 'warning', message }]
}
