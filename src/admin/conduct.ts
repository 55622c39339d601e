// How domains outside behave, and what an administrator says of it.

import * as z from 'zod'
import { DURATION } from '../config/values.ts'
import { CONDUCT_STATES } from '../policy/conduct/conduct.ts'
import { MOST_HELD } from '../policy/conduct/holds.ts'
import { operation, OperationError } from './operation.ts'
import { readDomain } from './partner-changes.ts'
import { ConductShape } from './conduct-shape.ts'
import { cutWords } from './partner-cuts.ts'
import { refuseWithout } from './partner-many.ts'
import { list } from './schemas.ts'

/** Whoever means longer says no time. */
const LONGEST_MS = 3650 * 86_400_000

const STATES = CONDUCT_STATES.join(', ')

export const partnerConduct = operation({
  name: 'conduct.show',
  about: 'How a domain outside behaves, or all of which something is known, the worst first.',
  role: 'read',
  input: z.strictObject({ domain: z.string().max(255).optional() }),
  output: z.object({ domains: list(ConductShape) }),
  run({ control }, input) {
    return { domains: control.conduct.list(input.domain === undefined ? undefined : readDomain(input.domain)) }
  },
})

export const partnerConductSet = operation({
  name: 'conduct.set',
  about: 'Says how a domain outside is to be met, whatever it does, or lets that follow from its conduct again.',
  role: 'operate',
  input: z.strictObject({
    domain: z.string().max(255),
    /** `auto`: what follows from its conduct. */
    state: z.string().pipe(z.enum([...CONDUCT_STATES, 'auto'], { error: `write one of ${STATES}, or auto` })),
    /** For so long, as 2h; absent: until something else is said. */
    for: z.string().max(20).optional(),
    by: z.string().max(64).optional(),
    why: z.string().max(1000).optional(),
    /** Also where streams that are up would end. */
    yes: z.boolean().default(false),
  }),
  output: ConductShape,
  run({ control }, { state, for: time, by = 'not said', why, yes, ...input }) {
    const forMs = time === undefined ? undefined : DURATION.read(time)
    if (time !== undefined && (forMs === undefined || forMs <= 0))
      throw new OperationError('bad-input', `"${time}" is no time`, `Please ${DURATION.how}.`)
    if (forMs !== undefined && forMs > LONGEST_MS)
      throw new OperationError(
        'bad-input',
        `"${time}" is longer than ten years`,
        'Please write 3650d or less, or no time: then it holds until something else is said.',
      )
    const domain = readDomain(input.domain)
    const saying = { domain, state: state === 'auto' ? undefined : state, forMs, by, why }
    refuseWithout(
      yes,
      [cutWords(control.conduct.cuts(saying))].flatMap((words) => words ?? []),
    )
    const said = control.conduct.say(saying)
    if (said) return said
    const act = 'Take back what is no longer needed, with --set auto.'
    throw new OperationError('unavailable', `something was said of ${MOST_HELD} names already`, act)
  },
})
