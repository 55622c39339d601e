// The part of policy.yaml that says who of ours may talk to which partners: walls and named policies. What its parts get wrong
// together is in `whom-checks.ts`.

import * as z from 'zod'
import type { Kind } from '../policy/whom/kinds.ts'
import type { Allowed, NamedPolicy, Wall, WhomPolicy, Wording } from '../policy/whom/policies.ts'
import { flag, list, neverEmpty, oneOf, say, section, text, written } from './fields.ts'
import type { PathStep } from './finding.ts'
import { OpenTimes } from './hours-schema.ts'
import { POLICY_NAME, PARTNER_NAME, RULE_NAME, WHO } from './policy-values.ts'
import { suggest } from './suggest.ts'
import type { Written } from './values.ts'

const MAX_NAMES = 50_000
const MAX_WALLS = 200
const MAX_RULES = 200
const MAX_POLICIES = 100

/** Each kind of thing that a stanza can be, and what it is. */
export const ABOUT_KINDS: Readonly<Record<Kind, string>> = {
  messages: 'what people write to each other, with receipts, markers and corrections',
  presence: 'who is there, and what people publish of themselves (PEP)',
  subscriptions: 'asking to see presence, and letting somebody see it',
  rooms: 'being in rooms and talking there, and invitations to them',
  'room-setup': 'making and changing rooms',
  files: 'files, however they are sent, and links to them',
  calls: 'voice and video',
  queries: 'all other questions, such as for a vCard or for what a client can do',
}

const KINDS = Object.keys(ABOUT_KINDS)
const ALLOW = `write all, none, or a list of ${KINDS.join(', ')}`
const isKind = (word: unknown): word is Kind => typeof word === 'string' && KINDS.includes(word)

/** `everyone`, or names; each that is none is told of where it stands. */
const everyoneOr = (kind: Written<string>, how: string) =>
  z
    .union([z.literal('everyone'), z.array(z.unknown()).min(1, { error: how }).max(MAX_NAMES)], { error: say(how) })
    .transform((input, context): 'everyone' | readonly string[] => {
      if (input === 'everyone') return input
      return input.flatMap((item, index) => {
        const name = typeof item === 'string' ? kind.read(item) : undefined
        if (name !== undefined) return [name]
        const hint = typeof item === 'string' ? kind.hint?.(item) : undefined
        const message = item === 'everyone' ? 'everyone stands alone; write it without brackets' : (hint ?? kind.how)
        context.addIssue({ code: 'custom', message, path: [index] })
        return []
      })
    })

const Who = everyoneOr(WHO, 'write everyone, or a list, such as [staff, anna@corp.example, domain:rooms.corp.example]')
const WithPartners = everyoneOr(
  PARTNER_NAME,
  'write everyone, or a list, such as [partner.example, tag:project-aurora, class:federated]',
)

const Allow = z
  .union([z.enum(['all', 'none']), z.array(z.unknown()).min(1, { error: ALLOW })], { error: say(ALLOW) })
  .transform((input, context): Allowed => {
    if (typeof input === 'string') return input
    return input.flatMap((word, index) => {
      if (isKind(word)) return [word]
      const near = typeof word === 'string' ? suggest(word, KINDS) : undefined
      const message = near === undefined ? ALLOW : `${ALLOW}; did you mean "${near}"?`
      context.addIssue({ code: 'custom', message, path: [index] })
      return []
    })
  })

const REPORT = 'true: refuses nothing, and is only told what it would refuse.'

const Side = section(
  {
    who: Who.optional()
      .describe('Users of ours on this side: groups, users, domain: with a domain of ours.')
      .meta(neverEmpty('write who is on this side, or take it out')),
    partners: WithPartners.optional()
      .describe('Partners on this side: domains of entries, tag: or class: with a name.')
      .meta(neverEmpty('write the partners on this side, or take it out')),
  },
  'write { who: [deal-team], partners: [alpha.example] }',
)

const WallSection = section(
  {
    name: written(RULE_NAME).describe('What it is called where it refuses.'),
    sides: list(Side, '[{ who: [deal-team] }, { partners: [tag:rival] }]')
      .refine((sides) => sides.length > 1, { error: 'write at least two sides' })
      .describe('Nothing crosses between who is on one side and the partners on another; those on one side may talk.'),
    report: flag().default(false).describe(REPORT),
    purpose: text().optional().describe('Why it exists.'),
  },
  'write { name: aurora, sides: [{ who: [deal-team] }, { partners: [tag:rival] }] }',
)

const Rule = section(
  {
    name: written(RULE_NAME).describe('What it is called where it decides.'),
    who: Who.default('everyone')
      .describe(
        'Whom of ours it is made out to: everyone (users, rooms and servers), or a list of groups, users, and domain: with a domain of ours.',
      )
      .meta(neverEmpty('write everyone, or names')),
    partners: WithPartners.default('everyone')
      .describe('To which partners: everyone, or a list of domains of entries, tag: and class: with a name behind it.')
      .meta(neverEmpty('write everyone, or names')),
    allow: Allow.describe(
      `What may cross: all, none, or a list of kinds: ${Object.entries(ABOUT_KINDS)
        .map(([kind, about]) => `${kind} (${about})`)
        .join('; ')}.`,
    ),
    direction: oneOf(['both', 'inbound', 'outbound'])
      .default('both')
      .describe(
        'Who may begin: both, inbound (the partner) or outbound (ours). The other side may answer by results, errors, and presence that asks for nothing; a message never is an answer, so chats need both.',
      )
      .meta(neverEmpty('write both, inbound or outbound')),
    hours: OpenTimes.optional()
      .describe('When; at any time where it is left out. Outside of it only what ends or answers something crosses.')
      .meta({ example: { zone: 'Europe/Berlin', open: ['mon-fri 07:00-19:00'] } })
      .meta(neverEmpty('write the times, or take it out')),
    report: flag().default(false).describe(REPORT),
    purpose: text().optional().describe('Why it exists.'),
  },
  'write { name: staff, who: [staff], allow: all }',
)

const PolicySection = section(
  {
    rules: z
      .array(Rule, { error: say('write a list of rules, such as [{ name: staff, who: [staff], allow: all }]') })
      .max(MAX_RULES, { error: `write at most ${MAX_RULES} rules` })
      .readonly()
      .prefault([])
      .describe('The first rule made out to a user of ours and to the partner decides, alone.')
      .meta(neverEmpty('write the rules, or []')),
    otherwise: Allow.describe('What may cross where no rule is made out to both: all, none, or a list of kinds.'),
  },
  'write rules: and otherwise:',
)

export const WallsField = z
  .array(WallSection, { error: say('write a list of walls, such as [{ name: aurora, sides: […] }]') })
  .max(MAX_WALLS, { error: `write at most ${MAX_WALLS} walls` })
  .readonly()
  .prefault([])
  .describe('What keeps users of ours and partners apart, whatever rules say.')
  .meta({ example: [{ name: 'aurora', sides: [{ who: ['deal-team'] }, { partners: ['tag:rival'] }] }] })
  .meta(neverEmpty('write the walls, or []'))

export const PoliciesField = z
  .record(written(POLICY_NAME), PolicySection, {
    error: (issue) =>
      issue.code === 'invalid_type' ? say('write each policy below its name, such as default:')(issue) : undefined,
  })
  .refine((policies) => Object.keys(policies).length <= MAX_POLICIES, {
    error: `write at most ${MAX_POLICIES} policies`,
  })
  .prefault({})
  .describe(
    'Who of ours may talk to which partners, about what: policies by name. The entry of a partner names one by policy:, and default holds for all others. Without default everything that is admitted may cross.',
  )
  .meta({ example: { default: { rules: [{ name: 'staff', who: ['staff'], allow: 'all' }], otherwise: 'none' } } })
  .meta(neverEmpty('write the policies, or {}'))

interface WhomFile {
  readonly walls: z.output<typeof WallsField>
  readonly policies: z.output<typeof PoliciesField>
}

/** A checked file → who may talk to whom; `placeOf` says where something is written, and `saysOf` what. */
export function toWhom(
  { walls, policies }: WhomFile,
  placeOf: (path: readonly PathStep[]) => string | undefined,
  saysOf: (path: readonly PathStep[]) => Wording | undefined,
): WhomPolicy {
  return {
    walls: walls.map(({ name, sides, report }, index): Wall => {
      const whole = sides.map(({ who = [], partners = [] }) => ({ who, partners }))
      const path = ['walls', index]
      return { name, sides: whole, report, place: placeOf(path), says: saysOf(path) }
    }),
    policies: Object.fromEntries(
      Object.entries(policies).map(([name, { rules, otherwise }]): readonly [string, NamedPolicy] => {
        const own = rules.map((rule, index) => {
          const { who, partners, allow, direction, hours, report } = rule
          const path = ['policies', name, 'rules', index]
          const [place, says] = [placeOf(path), saysOf(path)]
          return { name: rule.name, who, partners, allow, direction, hours, report, place, says }
        })
        const path = ['policies', name, 'otherwise']
        return [name, { name, rules: own, otherwise, place: placeOf(path), says: saysOf(path) }]
      }),
    ),
  }
}
