// What others hand us as a list of partners: our own table (CSV, JSON), or what commands of Skype for Business gave to Export-Csv,
// ConvertTo-Json or Export-Clixml. Bytes in; out come entries as keys of partners' files, and for everything that could not be
// carried over, or not as it was, a sentence that says why. Pure.
//
// SECURITY: an entry comes out with no less than the list asked for. What the list allows and we never do (no TLS, names
// proven by plain dialback) becomes what we do, or no entry, and is told; what it forbids and we cannot forbid makes the
// entry `pending`, which admits nothing until somebody has decided.

import { isDeepStrictEqual } from 'node:util'
import { readClixml } from './clixml.ts'
import { readCsv } from './csv.ts'
import type { Item, Items } from './item.ts'
import { readJson } from './json.ts'
import { kindOf, KINDS, strangersIn, type KindName } from './kinds.ts'
import type { Reading } from './reading.ts'
import { textOf, type Problem } from './text.ts'

/** One entry, as it is to stand in its file. */
export interface Entry {
  /** Where it stands in the list. */
  readonly place: string
  /** A-labels. */
  readonly domain: string
  /** The keys of its file that the list speaks of; null takes one out. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Keys of which the list names only some parts: what else a file has there stays. */
  readonly partial?: readonly string[]
}

/** Something that is not carried over as it stands there. */
export interface Remark {
  readonly place: string
  readonly domain: string | undefined
  /** Nothing came of it at all. */
  readonly left: boolean
  readonly message: string
}

/** A mistake, for which nothing of the list is taken. */
export interface Fault {
  readonly place: string
  readonly message: string
}

export interface Imported {
  readonly kind: KindName
  readonly entries: readonly Entry[]
  readonly remarks: readonly Remark[]
  readonly faults: readonly Fault[]
}

/**
 * Reads a list. `asked`: what it is a list of; undefined: as it says itself.
 * @returns what is wrong where it is none
 */
export function readEntries(bytes: Uint8Array, asked?: KindName): Imported | Problem {
  const decoded = textOf(bytes)
  if (typeof decoded !== 'string') return decoded
  const text = decoded.trimStart()
  const isTable = !/^[[{<]/.test(text)
  const list = text.startsWith('<') ? readClixml(text) : isTable ? readCsv(decoded) : readJson(decoded)
  if ('problem' in list) return list
  const [first] = list.items
  if (first === undefined) return { problem: 'nothing is in it' }
  if (list.items.length > MAX_ITEMS) return { problem: `more than ${MAX_ITEMS} items; import it in parts` }
  const kind = asked ?? kindOf(list)
  if (kind === undefined) {
    const names = Object.keys(first.values).slice(0, 8).join(', ')
    return { problem: `what it lists cannot be told by its columns (${names}); say it with --kind` }
  }
  return { kind, ...new Gathering(kind, isTable).all(list) }
}

const MAX_ITEMS = 100_000

/** Goes over the items and holds each against those before. */
class Gathering {
  readonly #kind: KindName
  readonly #isTable: boolean
  readonly #entries = new Map<string, Entry>()
  readonly #remarks: Remark[] = []
  readonly #faults: Fault[] = []

  constructor(kind: KindName, isTable: boolean) {
    this.#kind = kind
    this.#isTable = isTable
  }

  all({ items }: Items): Omit<Imported, 'kind'> {
    for (const item of items) this.#take(item, KINDS[this.#kind].read(item.values, this.#isTable))
    return { entries: [...this.#entries.values()], remarks: this.#remarks, faults: this.#faults }
  }

  #take({ place, values }: Item, { domain, fields, partial, notes = [], left, fault }: Reading): void {
    const strangers = strangersIn(this.#kind, values)
    const unknown = strangers.map((name) => `${name} is not known, and not carried over`)
    for (const message of [...notes, ...unknown]) this.#remarks.push({ place, domain, left: false, message })
    if (left !== undefined) this.#remarks.push({ place, domain, left: true, message: left })
    if (fault !== undefined) this.#faults.push({ place, message: fault })
    if (domain === undefined || fields === undefined) return
    const twin = this.#entries.get(domain)
    if (twin === undefined) this.#entries.set(domain, { place, domain, fields, ...(partial && { partial }) })
    else if (isDeepStrictEqual(twin.fields, fields))
      this.#remarks.push({ place, domain, left: true, message: `the same as ${twin.place}` })
    else
      this.#faults.push({
        place,
        message: `${domain} is otherwise on ${twin.place} (${otherwise(twin.fields, fields)}); keep one`,
      })
  }
}

/** The first thing in which two say something else. */
function otherwise(one: Entry['fields'], other: Entry['fields']): string {
  const key = Object.keys({ ...one, ...other }).find((name) => !isDeepStrictEqual(one[name], other[name])) ?? ''
  const said = (fields: Entry['fields']): string => JSON.stringify(fields[key] ?? null)
  return `${key}: ${said(one)} there, ${said(other)} here`
}
