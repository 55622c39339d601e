// What proves the core: files with certificates, and pins. The settings of both of its ports, for servers and for clients,
// are written with it.

import * as z from 'zod'
import { say } from './fields.ts'
import { PIN } from './values.ts'

export const CORE_TRUST =
  'write a PEM file with the CA or the certificate of the core, or a pin (sha256/…), or a list of these'

const PinOrFile = z.union(
  [
    z.string(),
    z
      .array(z.string({ error: CORE_TRUST }))
      .min(1, { error: CORE_TRUST })
      .max(20, { error: 'write at most 20 entries' })
      .readonly(),
  ],
  { error: say(CORE_TRUST) },
)

/** A PEM file, a pin, or a list of these. */
export const Proofs = PinOrFile.superRefine((entries, context) => {
  for (const entry of [entries].flat()) {
    if (entry === '' || (entry.startsWith('sha256/') && PIN.read(entry) === undefined)) {
      context.addIssue({ code: 'custom', message: entry === '' ? CORE_TRUST : PIN.how })
    }
  }
})

/** Such a list, with the names of files made whole. */
export interface ProofSettings {
  readonly files: readonly string[]
  readonly pins: readonly string[]
}

/** As written → files and pins apart. */
export function proofsOf(
  written: string | readonly string[] | undefined,
  path: (name: string) => string,
): ProofSettings {
  const all = [written ?? []].flat()
  return {
    files: all.filter((proof) => PIN.read(proof) === undefined).map((name) => path(name)),
    pins: all.filter((proof) => PIN.read(proof) !== undefined),
  }
}
