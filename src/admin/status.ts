// Operations on the gateway as a whole.

import * as z from 'zod'
import { operation } from './operation.ts'
import { ReloadShape, StatusShape } from './schemas.ts'

const Nothing = z.strictObject({})

export const status = operation({
  name: 'status',
  about: 'What runs: listeners, domains, streams and how they were authenticated, queues, limits in force.',
  role: 'read',
  input: z.strictObject({ partner: z.string().max(255).optional() }),
  output: StatusShape,
  run: ({ control }, { partner }) => control.status(partner),
})

export const reload = operation({
  name: 'reload',
  about: 'Reads federation-config/ again; answers when the outcome is in force.',
  role: 'operate',
  input: Nothing,
  output: ReloadShape,
  run: ({ control }) => control.reload(),
})
