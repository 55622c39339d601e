// Runs the program with a module changed, or two: what `main.ts` is to the gateway, this is to a deliberately wrong one. Which one
// stands in MUTATION.

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { Change, Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'

const SRC = resolve(import.meta.dirname, '../../src')

/** Modules with their changed texts. @throws when what is to be changed does not stand in its module exactly once */
export const changed = ({ also, ...first }: Mutation): ReadonlyMap<string, string> =>
  new Map([first, ...(also ? [also] : [])].map((one) => [one.module, textOf(first.id, one)]))

function textOf(id: string, { module, find, put }: Change): string {
  const text = readFileSync(join(SRC, module), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`mutation ${id}: what it changes stands ${times} times in ${module}`)
  return text.replace(find, () => put)
}

if (import.meta.main) {
  const mutation = MUTATIONS.find(({ id }) => id === process.env['MUTATION'])
  if (!mutation) throw new Error(`MUTATION: one of ${MUTATIONS.map(({ id }) => id).join(', ')}`)
  const sources = new Map([...changed(mutation)].map(([module, text]) => [pathToFileURL(join(SRC, module)).href, text]))
  registerHooks({
    load(url, context, next) {
      const source = sources.get(url)
      return source === undefined ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
  await import('../../src/main.ts')
}
