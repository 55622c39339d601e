// `federation-config/policy.yaml`: who of our users may log in from outside, and who may talk to which partners
// (`whom-schema.ts`). What its parts get wrong together is in `policy-checks.ts`.

import { resolve } from 'node:path'
import * as z from 'zod'
import type { Policy } from '../policy/remote/grants.ts'
import { DirectoriesField, toDirectories } from './directory-schema.ts'
import { count, list, neverEmpty, oneOf, say, section, text, written } from './fields.ts'
import type { PathStep } from './finding.ts'
import { OpenTimes } from './hours-schema.ts'
import { GROUP, MEMBER, USER } from './policy-values.ts'
import { PresenceByClass } from './presence-schema.ts'
import { RoomsField } from './rooms-schema.ts'
import { LimitsField } from './sending-schema.ts'
import { NETWORK, type Written } from './values.ts'
import { PoliciesField, toWhom, WallsField } from './whom-schema.ts'
import { wordingAt } from './wording.ts'
import type { YamlFile } from './yaml.ts'

const MAX_MEMBERS = 50_000
const MAX_GROUPS = 1000
const MAX_GRANTS = 200

const TO = 'write everyone, or a list of groups and users, such as [field-staff, anna@corp.example]'
const GROUPS = 'write each group on a line of its own, such as field-staff: [anna@corp.example, ben@corp.example]'

/** A list that may be long. */
function many(kind: Written<string>, example: string) {
  const how = `write a list, such as ${example}`
  return z
    .array(written(kind), { error: say(how) })
    .max(MAX_MEMBERS, { error: `write at most ${MAX_MEMBERS} entries` })
    .readonly()
}

/** `everyone`, or names; each name that is none is told of where it stands. */
const To = z
  .union([z.literal('everyone'), z.array(z.unknown()).min(1, { error: TO }).max(MAX_MEMBERS)], { error: say(TO) })
  .transform((input, context): 'everyone' | readonly string[] => {
    if (input === 'everyone') return input
    return input.flatMap((item, index) => {
      const name = typeof item === 'string' ? MEMBER.read(item) : undefined
      if (name !== undefined) return [name]
      const everyone = item === 'everyone' ? 'everyone stands alone; write to: everyone' : MEMBER.how
      context.addIssue({ code: 'custom', message: everyone, path: [index] })
      return []
    })
  })

const Grant = section(
  {
    to: To.describe('Whom: everyone, or a list of groups and users.').meta({ example: ['field-staff'] }),
    networks: list(written(NETWORK), '[192.0.2.0/24]')
      .prefault([])
      .describe('From where (CIDR); an empty list: from anywhere. Another grant may stand for elsewhere.')
      .meta(neverEmpty('write the networks, or [] for anywhere')),
    certificate: oneOf(['required', 'optional', 'forbidden'])
      .default('optional')
      .describe('Whether a user must show a certificate, may, or may not.')
      .meta(neverEmpty('write required, optional or forbidden')),
    sessions: count(1, 1000)
      .default(10)
      .describe('Most sessions of one user at a time; the newest stays, the oldest ends.')
      .meta(neverEmpty('write how many')),
    hours: OpenTimes.optional()
      .describe('When; at any time where it is left out. Sessions end with the hours.')
      .meta({ example: { zone: 'Europe/Berlin', open: ['mon-fri 07:00-19:00'] } })
      .meta(neverEmpty('write the times, or take it out')),
    purpose: text().optional().describe('Why it exists.'),
  },
  'write { to: everyone } or { to: [field-staff] }',
)

export const PolicySchema = section(
  {
    groups: z
      .record(written(GROUP), many(USER, '[anna@corp.example, ben@corp.example]'), {
        error: (issue) => (issue.code === 'invalid_type' ? say(GROUPS)(issue) : undefined),
      })
      .refine((groups) => Object.keys(groups).length <= MAX_GROUPS, { error: `write at most ${MAX_GROUPS} groups` })
      .prefault({})
      .describe('Groups of users, by name.')
      .meta({ example: { 'field-staff': ['anna@corp.example', 'ben@corp.example'] } }),
    directories: DirectoriesField,
    walls: WallsField,
    policies: PoliciesField,
    presence: PresenceByClass,
    limits: LimitsField,
    rooms: RoomsField,
    remote: section(
      {
        block: many(MEMBER, '[mallory@corp.example]')
          .prefault([])
          .describe(
            'Groups and users who may not log in from outside, whatever a grant says; their sessions end at once.',
          )
          .meta({ example: ['mallory@corp.example'] })
          .meta(neverEmpty('write who is blocked, or []')),
        grants: z
          .array(Grant, { error: say('write a list of grants, such as [{ to: everyone }]') })
          .max(MAX_GRANTS, { error: `write at most ${MAX_GRANTS} grants` })
          .readonly()
          .prefault([])
          .describe(
            'Who may log in from outside. The first grant made out to a user and the network they come from decides, alone: what else it asks for must hold. Where there is none, nobody may.',
          )
          .meta({ example: [{ to: ['field-staff'] }] }),
      },
      'write grants: below remote:',
    )
      .prefault({})
      .describe('Remote users.'),
  },
  'write the policy as lines of name: value, such as remote:',
)

export type PolicyFile = z.output<typeof PolicySchema>

/** A checked file → the policy. `root` is the directory that holds `federation-config/`. */
export function toPolicy(
  { groups, directories, remote, walls, policies, presence, limits, rooms }: PolicyFile,
  yaml: YamlFile,
  root: string,
): Policy {
  const { file, value, lineOf } = yaml
  const grants = remote.grants.map(({ to, networks, certificate, sessions, hours }) => ({
    ...{ to, networks, certificate, sessions, hours },
  }))
  const placeOf = (path: readonly PathStep[]): string | undefined => {
    const line = lineOf(path)
    return line === undefined ? undefined : `${file}:${line}`
  }
  const whom = toWhom({ walls, policies }, placeOf, (path) => wordingAt(value, path))
  const asked = toDirectories(directories, yaml, (name) => resolve(root, name))
  return { groups, directories: asked, remote: { block: remote.block, grants }, whom, shown: presence, limits, rooms }
}

/** What holds without a file: nobody may log in from outside, and all of ours may talk to every partner. */
export const NO_POLICY: Policy = {
  groups: {},
  directories: [],
  remote: { block: [], grants: [] },
  whom: { walls: [], policies: {} },
}
