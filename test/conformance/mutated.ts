// Runs the program with one module changed: what `main.ts` is to the gateway, this is to a deliberately wrong one. Which one
// stands in MUTATION.

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'

const SRC = resolve(import.meta.dirname, '../../src')

/** Text of the module with the change. @throws when what is to be changed does not stand there exactly once */
export function changed({ id, module, find, put }: Mutation): string {
  const text = readFileSync(join(SRC, module), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`mutation ${id}: what it changes stands ${times} times in ${module}`)
  return text.replace(find, () => put)
}

if (import.meta.main) {
  const mutation = MUTATIONS.find(({ id }) => id === process.env['MUTATION'])
  if (!mutation) throw new Error(`MUTATION: one of ${MUTATIONS.map(({ id }) => id).join(', ')}`)
  const url = pathToFileURL(join(SRC, mutation.module)).href
  const source = changed(mutation)
  registerHooks({
    load: (which, context, next) =>
      which === url ? { format: 'module-typescript', source, shortCircuit: true } : next(which, context),
  })
  await import('../../src/main.ts')
}
