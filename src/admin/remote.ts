// Operations on remote users: who is there, who may come, what is locked, and who may not come any more.

import * as z from 'zod'
import { setBlocked } from '../config/edit-policy.ts'
import { formatFinding } from '../config/finding.ts'
import { USER } from '../config/policy-values.ts'
import { IP } from '../config/values.ts'
import { LOCK_KINDS } from '../policy/remote/guard.ts'
import { operation, OperationError, type Context } from './operation.ts'
import { list, ReasonShape, reasonOf } from './schemas.ts'
import { SessionShape } from './session-shape.ts'

const User = z.string().max(3071)
const Count = z.number()

export const remoteSessions = operation({
  name: 'remote.sessions',
  about: 'The sessions of remote users, of all or of one.',
  role: 'read',
  input: z.strictObject({ user: User.optional() }),
  output: z.object({ sessions: list(SessionShape) }),
  run: ({ control }, { user }) => ({
    sessions: control.remote.sessions(user === undefined ? undefined : readUser(user)),
  }),
})

export const remoteEnd = operation({
  name: 'remote.end',
  about: 'Ends the sessions of a remote user, or one of them; the user may come back.',
  role: 'operate',
  /** A user, or the id of a session. */
  input: z.strictObject({ which: User }),
  output: z.object({ ended: list(SessionShape) }),
  run({ control }, { which }) {
    const ended = control.remote.end(which.includes('@') ? { user: readUser(which) } : { session: which })
    if (ended.length > 0) return { ended }
    throw new OperationError('not-found', `there is no session of ${which}`, 'See `sallyport remote sessions`.')
  },
})

export const remoteLocks = operation({
  name: 'remote.locks',
  about: 'Accounts, addresses and networks whose log-ins from outside have failed too often.',
  role: 'read',
  input: z.strictObject({}),
  output: z.object({
    locks: list(
      z.object({
        kind: z.enum(LOCK_KINDS),
        name: z.string(),
        failures: Count,
        until: z.string(),
      }),
    ),
  }),
  run: ({ control }) => ({ locks: control.remote.locks() }),
})

export const remoteUnlock = operation({
  name: 'remote.unlock',
  about: 'Forgets the failed log-ins of a user, or of an address and its network.',
  role: 'operate',
  /** A user or an address. */
  input: z.strictObject({ name: User }),
  output: z.object({ name: z.string(), failures: Count }),
  run({ control }, { name }) {
    // A network is written as its first address.
    const address = IP.read(name.replace(/\/\d+$/, ''))
    if (address !== undefined) return { name: address, failures: control.remote.unlock({ address }) }
    const user = USER.read(name)
    if (user === undefined)
      throw new OperationError('bad-input', `"${name}" is no user and no address`, `Please ${USER.how}, or ${IP.how}.`)
    return { name: user, failures: control.remote.unlock({ user }) }
  },
})

export const remoteMay = operation({
  name: 'remote.may',
  about: 'Whether the policy lets a user log in from an address, and which grant decides. Nothing is counted.',
  role: 'read',
  input: z.strictObject({
    user: User,
    from: z.string().max(64),
    certificate: z.boolean().default(false),
    /** ISO 8601; now by default. */
    at: z.string().max(64).optional(),
  }),
  output: z.object({
    user: z.string(),
    from: z.string(),
    at: z.string(),
    reason: ReasonShape.optional(),
    grant: z
      .object({
        place: Count,
        to: z.union([z.literal('everyone'), list(z.string())]),
        networks: list(z.string()),
        certificate: z.enum(['required', 'optional', 'forbidden']),
        sessions: Count,
      })
      .optional(),
  }),
  run({ control, now }, input) {
    const user = readUser(input.user)
    const from = IP.read(input.from)
    if (from === undefined) throw new OperationError('bad-input', `"${input.from}" is no address`, `Please ${IP.how}.`)
    const at = input.at === undefined ? now() : Date.parse(input.at)
    if (Number.isNaN(at))
      throw new OperationError('bad-input', `"${input.at}" is no time`, 'Write it as 2026-03-02T12:00:00Z.')
    const { reason, grant } = control.remote.may({ user, address: from, certificate: input.certificate, now: at })
    const { to, networks, certificate, sessions } = grant?.terms ?? {}
    const decided = to && networks && certificate && sessions !== undefined
    return {
      ...{ user, from, at: new Date(at).toISOString(), reason: reasonOf(reason) },
      grant: grant && decided ? { place: grant.place, to, networks, certificate, sessions } : undefined,
    }
  },
})

const BlockShape = z.object({
  user: z.string(),
  file: z.string(),
  changed: z.boolean(),
  /** Sessions that ended with it. */
  ended: list(SessionShape),
  /** `running`: by a gateway, at once. `files`: none runs. */
  applied: z.enum(['running', 'files']),
})

export const remoteBlock = operation({
  name: 'remote.block',
  about: 'Keeps a user from logging in from outside, in policy.yaml, and ends their sessions at once.',
  role: 'operate',
  input: z.strictObject({ user: User }),
  output: BlockShape,
  run: (context, { user }) => become(context, readUser(user), true),
})

export const remoteUnblock = operation({
  name: 'remote.unblock',
  about: 'Takes a block of a user in policy.yaml back; what grants say holds again.',
  role: 'operate',
  input: z.strictObject({ user: User }),
  output: BlockShape,
  run: (context, { user }) => become(context, readUser(user), false),
})

async function become(context: Context, user: string, blocked: boolean): Promise<z.input<typeof BlockShape>> {
  const { control, directory, running } = context
  const edited = await setBlocked(`${directory}/federation-config`, user, blocked)
  if (!edited.ok) {
    throw new OperationError(
      'bad-input',
      edited.findings.map((finding) => formatFinding(finding)).join('; '),
      'Nothing was changed. Mend what is named and try again.',
    )
  }
  const ended = running && blocked ? control.remote.sessions(user) : []
  const { applied, findings } = await control.reload()
  if (running && !applied) {
    throw new OperationError(
      'faulty-configuration',
      `${edited.file} was changed, and the gateway does not take it over: ${findings.map((finding) => formatFinding(finding)).join('; ')}`,
      'Mend what is named.',
    )
  }
  return { user, file: edited.file, changed: edited.changed, ended, applied: running ? 'running' : 'files' }
}

function readUser(text: string): string {
  const user = USER.read(text)
  if (user !== undefined) return user
  throw new OperationError('bad-input', `"${text}" is no user`, `Please ${USER.how}.`)
}
