// Who takes part, in the order in which they are measured.

import type { Contestant } from './contestant.ts'
import { pipe } from './pipe.ts'
import { sallyport } from './sallyport.ts'

export const CONTESTANTS: readonly Contestant[] = [sallyport, pipe]
