// Who of ours may talk to which partner: the policies, made ready for one state of the settings and asked for each stanza.
//
// Rule 1: walls are asked first, all of them, and nothing allows what one of them forbids.
// Rule 2: then the first rule of the partner's policy that is made out to the user and to the partner decides, alone; where
//         none is, what the policy says of all others.
// Rule 3: a wall or a rule that only reports is asked like the others, and the question goes on behind it.
// Rule 4: which rule decides depends on the user and the partner only, and is remembered for both: a bounded cache and nothing
//         else. What the rule then says of a stanza is asked for each.

import { foldedAddress, withoutResource } from '../../xmpp/address.ts'
import { DEFAULT_POLICY, OF_CLASS, TAGGED } from '../../xmpp/policy-words.ts'
import { keptBy } from '../authors.ts'
import type { Decision } from '../checkpoint.ts'
import type { Facts } from '../facts.ts'
import type { PartnerTerms } from '../partners.ts'
import { membersOf, People, type Groups } from '../people.ts'
import { Clock } from '../remote/hours.ts'
import type { Clause, Standing } from './clause.ts'
import { RuleCounts, type RuleCount } from './counts.ts'
import type { Looks } from './looks.ts'
import type { NamedPolicy, Partners, WhomPolicy } from './policies.ts'

/** So many users at so many partners are remembered, by addresses of so many characters together; then all are asked anew. */
const MOST = 50_000
const MOST_TEXT = 4_000_000

export interface WhomOptions {
  /** Those of the settings before. */
  readonly counts?: RuleCounts
}

/** A wall or a rule, ready to be asked. */
export interface Asked {
  readonly clause: Clause
  readonly report: boolean
  readonly clock: Clock | undefined
  readonly count: RuleCount
  isFor(partner: PartnerTerms | undefined): boolean
  /** Only of a partner it is for: a bare address, or a domain of ours, as `foldedAddress` gives it. */
  has(user: string, partner: PartnerTerms | undefined): boolean
}

export class Whom {
  readonly counts: RuleCounts
  readonly #walls: readonly Asked[]
  readonly #policies: ReadonlyMap<string, readonly Asked[]>
  readonly #towards = new Map<PartnerTerms | undefined, Towards | undefined>()
  #remembered = 0
  #text = 0

  constructor({ walls, policies }: WhomPolicy, groups: Groups, options: WhomOptions = {}) {
    this.counts = options.counts ?? new RuleCounts()
    const members = membersOf(groups)
    const known = { members, counts: this.counts }
    this.#walls = walls.map((wall) => askedWall(wall, known))
    this.#policies = new Map(Object.values(policies).map((policy) => [policy.name, askedRules(policy, known)]))
    this.counts.keepOnly(new Set(this.all().map(({ clause }) => clause.name)))
  }

  /** Every wall and every rule, in the order in which they are asked; those of policies one after the other. */
  all(): readonly Asked[] {
    return [...this.#walls, ...[...this.#policies.values()].flat()]
  }

  /** Those that are asked of a partner, in order. */
  askedOf(partner: PartnerTerms | undefined): readonly Asked[] {
    const name = partner?.policy ?? DEFAULT_POLICY
    const rules =
      this.#policies.get(name) ?? (name === DEFAULT_POLICY ? [] : askedRules({ ...NOTHING, name }, nobody()))
    return [...this.#walls, ...rules]
  }

  /** What is written of a partner; undefined: nothing is, and everything may cross. */
  towards(partner: PartnerTerms | undefined): Towards | undefined {
    let towards = this.#towards.get(partner)
    if (towards === undefined && !this.#towards.has(partner)) {
      const asked = this.askedOf(partner).filter((one) => one.isFor(partner))
      towards = asked.length === 0 ? undefined : new Towards(asked, partner, this.counts, (text) => this.#grown(text))
      this.#towards.set(partner, towards)
    }
    return towards
  }

  /** Counts what was decided about a stanza that took the long way. */
  note({ whom, authors, at }: Facts, decision: Decision): void {
    if (decision.verdict === 'pass')
      for (const { clause } of decision.reported) {
        const count = this.counts.of(clause.name)
        count.matched += 1
        count.reported += 1
        count.lastAt = at
      }
    const decides = decision.verdict === 'pass' ? whom?.decides : refusing(decision.rule, whom, authors)
    if (decides === undefined || decides.name === UNWRITTEN.name) return
    const count = this.counts.of(decides.name)
    count.matched += 1
    if (decision.verdict !== 'pass') count.refused += 1
    count.lastAt = at
  }

  #grown(text: number): void {
    this.#remembered += 1
    this.#text += text
    if (this.#remembered <= MOST && this.#text <= MOST_TEXT) return
    for (const towards of this.#towards.values()) towards?.forget()
    this.#remembered = 1
    this.#text = text
  }
}

/** The wall or the rule by which this rule of the checkpoint has refused. */
function refusing(rule: string, whom: Standing | undefined, authors: Facts['authors']): Clause | undefined {
  if (rule === 'walls' || rule === 'who-with-whom') return whom?.decides
  if (rule !== 'authors-admitted') return undefined
  const first = authors?.find((author) => keptBy(author) !== undefined)
  return first?.refused === undefined ? first?.whom?.decides : undefined
}

/** All that is written of one partner. */
export class Towards {
  readonly #asked: readonly Asked[]
  readonly #partner: PartnerTerms | undefined
  readonly #counts: RuleCounts
  readonly #grown: (text: number) => void
  /** By the text of the user's address as it came, without its resource, of which anybody may have as many as they like. */
  readonly #users = new Map<string, Found>()

  constructor(
    asked: readonly Asked[],
    partner: PartnerTerms | undefined,
    counts: RuleCounts,
    grown: (text: number) => void,
  ) {
    this.#asked = asked
    this.#partner = partner
    this.#counts = counts
    this.#grown = grown
  }

  /** What is written of the user behind an address, and of this partner; undefined: nothing, or it is no address. */
  of(text: string): Found | undefined {
    return this.ofBare(withoutResource(text))
  }

  /** The same of an address that has no resource. */
  ofBare(bare: string): Found | undefined {
    const known = this.#users.get(bare)
    if (known !== undefined) return known
    const user = foldedAddress(bare)
    if (user === undefined) return undefined
    const found = this.#find(user)
    this.#grown(bare.length)
    this.#users.set(bare, found)
    return found
  }

  forget(): void {
    this.#users.clear()
  }

  #find(user: string): Found {
    const reports: Asked[] = []
    const isTimed = this.#counts.isDue()
    for (const asked of this.#asked) {
      if (!this.#ask(asked, user, isTimed)) continue
      if (!asked.report) return new Found(user, asked, reports)
      reports.push(asked)
    }
    return new Found(user, undefined, reports)
  }

  #ask(asked: Asked, user: string, isTimed: boolean): boolean {
    asked.count.asked += 1
    const ask = (): boolean => asked.has(user, this.#partner)
    return isTimed ? this.#counts.time(asked.count, ask) : ask()
  }
}

/** SECURITY: a policy that is not there, which configuration refuses, lets nothing through. */
const NOTHING = { rules: [], otherwise: 'none', place: undefined } as const
const nobody = (): Known => ({ members: new Map(), counts: new RuleCounts() })

/** What holds where no policy says anything. */
const UNWRITTEN: Clause = { is: 'rule', name: 'none', place: undefined, allow: 'all', direction: 'both' }

/** What is written of one user and one partner. */
export class Found {
  readonly #standing: Standing
  readonly #asked: readonly (Asked | undefined)[]
  readonly hasHours: boolean
  /** What has been admitted to the partner and from there, whatever the time. */
  readonly looks: Looks = {}
  readonly #count: RuleCount | undefined

  constructor(user: string, decides: Asked | undefined, reports: readonly Asked[]) {
    this.#asked = [decides, ...reports]
    this.hasHours = this.#asked.some((asked) => asked?.clock !== undefined)
    this.#count = decides?.count
    const clauses = reports.map(({ clause }) => clause)
    this.#standing = { user, decides: decides?.clause ?? UNWRITTEN, reports: clauses }
  }

  /** A stanza has passed, at this time (ms). */
  passed(at: number): void {
    if (this.#count === undefined) return
    this.#count.matched += 1
    this.#count.lastAt = at
  }

  /** As it is at this time (ms). */
  at(at: number): Standing {
    if (!this.hasHours) return this.#standing
    const [decides = UNWRITTEN, ...reports] = this.#asked.map((asked) => asked && clauseAt(asked, at))
    return { user: this.#standing.user, decides, reports: reports.flatMap((clause) => clause ?? []) }
  }
}

const clauseAt = ({ clause, clock }: Asked, at: number): Clause =>
  clock === undefined ? clause : { ...clause, isOpen: clock.isOpen(at) }

interface Known {
  readonly members: ReadonlyMap<string, ReadonlySet<string>>
  readonly counts: RuleCounts
}

function askedWall(
  { name, sides, report, place, says }: WhomPolicy['walls'][number],
  { members, counts }: Known,
): Asked {
  const prepared = sides.map(({ who, partners }) => ({ people: new People(who, members), partners }))
  const clause: Clause = {
    is: 'wall',
    name: `wall ${name}`,
    place,
    allow: 'none',
    direction: 'both',
    ...(says && { says }),
  }
  const others = (partner: PartnerTerms | undefined, side: number): boolean =>
    prepared.some(({ partners }, other) => other !== side && isAmong(partner, partners))
  return {
    clause,
    report,
    clock: undefined,
    count: counts.of(clause.name),
    isFor: (partner) => prepared.some(({ partners }) => isAmong(partner, partners)),
    has: (user, partner) => prepared.some(({ people }, side) => people.has(user) && others(partner, side)),
  }
}

function askedRules(policy: NamedPolicy, { members, counts }: Known): readonly Asked[] {
  const otherwise: NamedPolicy['rules'][number] = {
    ...{ name: 'otherwise', who: 'everyone', partners: 'everyone', allow: policy.otherwise },
    ...{ direction: 'both', hours: undefined, report: false, place: policy.place, says: policy.says },
  }
  return [...policy.rules, otherwise].map((rule) => {
    const { place, allow, direction, report, says } = rule
    const people = new People(rule.who, members)
    const name = `${policy.name}/${rule.name}`
    const clause: Clause = { is: 'rule', name, place, allow, direction, ...(says && { says }) }
    return {
      clause,
      report,
      clock: rule.hours && new Clock(rule.hours),
      count: counts.of(clause.name),
      isFor: (partner) => isAmong(partner, rule.partners),
      has: (user) => people.has(user),
    }
  })
}

/** Is this one of the partners, by its entry, a tag or its class? Who has no entry is among everyone only. */
function isAmong(partner: PartnerTerms | undefined, partners: Partners): boolean {
  if (partners === 'everyone') return true
  if (partner === undefined) return false
  return partners.some((name) => {
    if (name.startsWith(TAGGED)) return partner.tags.includes(name.slice(TAGGED.length))
    return name.startsWith(OF_CLASS) ? partner.class === name.slice(OF_CLASS.length) : partner.domain === name
  })
}
