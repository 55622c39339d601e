// The operation that takes the gateway out of service, and back.

import * as z from 'zod'
import { operation } from './operation.ts'
import { ServiceShape } from './schemas.ts'

export const drain = operation({
  name: 'drain',
  about: 'Takes the gateway out of service, or back: readiness ends, then streams close one after another.',
  role: 'operate',
  input: z.strictObject({ undo: z.boolean().default(false) }),
  output: z.object({ service: ServiceShape, streams: z.number() }),
  async run({ control }, { undo }) {
    const service = undo ? await control.undrain() : control.drain()
    return { service, streams: control.status().streams.length }
  },
})
