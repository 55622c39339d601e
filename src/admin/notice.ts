// The operation by which an administrator's acceptance of the notice is written down.

import * as z from 'zod'
import { operation } from './operation.ts'

export const noticeAccept = operation({
  name: 'notice.accept',
  about: 'Writes down that an administrator has accepted the notice of the settings.',
  role: 'operate',
  input: z.strictObject({ by: z.string().max(64), how: z.enum(['asked', 'environment']) }),
  output: z.object({}),
  run({ control }, accepted) {
    control.noticeAccepted(accepted)
    return {}
  },
})
