// What is written of a wall or a rule, on one line, and a version that tells it from every other wording.

import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { Wording } from '../policy/whom/policies.ts'
import type { PathStep } from './finding.ts'

/** Of long lists the first so many names are shown; the version is of all. */
const MOST_NAMES = 50
const LONGEST_TEXT = 2000

/** The wording of what stands at this place of a file; undefined: nothing does. */
export function wordingAt(value: unknown, path: readonly PathStep[]): Wording | undefined {
  let node = value
  for (const step of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return undefined
    node = Reflect.get(node, String(step))
  }
  const version = createHash('sha256').update(JSON.stringify(node)).digest('hex').slice(0, 16)
  const text = stringify(shortened(node), { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return { version, text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text }
}

function shortened(node: unknown): unknown {
  if (Array.isArray(node)) {
    const some = node.slice(0, MOST_NAMES).map(shortened)
    return node.length > MOST_NAMES ? [...some, `… ${node.length - MOST_NAMES} more`] : some
  }
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, shortened(inner)]))
}
