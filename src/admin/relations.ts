// Operations on who of ours knows whom outside: taken from rosters, looked at, and forgotten.

import * as z from 'zod'
import { parseAddress } from '../xmpp/address.ts'
import { MARKS, marksOf } from '../policy/relations/acts.ts'
import type { Relation } from '../policy/relations/relations.ts'
import { readRosters, type RosterEntry, type RosterFile } from '../gateway/roster-file.ts'
import { operation, OperationError } from './operation.ts'
import { list } from './schemas.ts'

export { readRosters, type RosterEntry, type RosterFile }

const Address = z.string().max(6200)
const Mark = z.enum(['asked', 'approved', 'wrote', 'listed'])
const DAY_MS = 86_400_000
/** In one request. */
export const MOST_ADDED = 500
const MOST_LISTED = 1000

const RelationShape = z.object({ user: z.string(), contact: z.string(), by: list(Mark), lastUsed: z.string() })

const shapeOf = ({ user, contact, marks, day }: Relation): z.input<typeof RelationShape> => ({
  ...{ user, contact, by: [...marksOf(marks)] },
  lastUsed: new Date(day * DAY_MS).toISOString().slice(0, 10),
})

export const relationsAdd = operation({
  name: 'relations.add',
  about: 'Users of ours know these outside, as their rosters say.',
  role: 'operate',
  input: z.strictObject({
    relations: z.array(z.strictObject({ user: Address, contact: Address, by: z.array(Mark).max(4) })).max(MOST_ADDED),
  }),
  /** `inside`: both are ours. `foreign`: the user is not. `faulty`: one of the two is no address. */
  output: z.object({ added: z.number(), inside: z.number(), foreign: z.number(), faulty: z.number() }),
  run({ control }, { relations }) {
    const ours = new Set(control.status().domains.map(({ domain }) => domain))
    const counts = { added: 0, inside: 0, foreign: 0, faulty: 0 }
    const wanted = relations.flatMap(({ user, contact, by }) => {
      const [domain, other] = [parseAddress(user)?.domain, parseAddress(contact)?.domain]
      const what =
        domain === undefined || other === undefined
          ? 'faulty'
          : !ours.has(domain)
            ? 'foreign'
            : ours.has(other)
              ? 'inside'
              : 'added'
      counts[what] += 1
      return what === 'added' ? [{ user, contact, marks: by.reduce((sum, mark) => sum | MARKS[mark], 0) }] : []
    })
    control.relations.add(wanted)
    return counts
  },
})

export const relationsList = operation({
  name: 'relations.list',
  about: 'Whom a user of ours knows outside, and by what.',
  role: 'read',
  input: z.strictObject({ user: Address }),
  /** `more`: there are further ones. */
  output: z.object({ relations: list(RelationShape), more: z.boolean() }),
  run({ control }, { user }) {
    const found = control.relations.of(user, MOST_LISTED + 1)
    return { relations: found.slice(0, MOST_LISTED).map(shapeOf), more: found.length > MOST_LISTED }
  },
})

export const relationsForget = operation({
  name: 'relations.forget',
  about: 'A user of ours does not know somebody outside any more, until they turn to them again.',
  role: 'operate',
  input: z.strictObject({ user: Address, contact: Address }),
  output: z.object({ user: z.string(), contact: z.string() }),
  run({ control }, { user, contact }) {
    if (control.relations.forget(user, contact)) return { user, contact }
    throw new OperationError('not-found', `${user} does not know ${contact}`, 'See `sallyport relations list <user>`.')
  },
})
