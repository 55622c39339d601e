// Lists as Export-Clixml of PowerShell writes them: its objects as XML, with the names of their types. [MS-PSRP] §2.2.5. Read by
// the scanner for stanzas, which takes no DTD and expands nothing.

import type { Element } from '@xmpp/xml'
import { parseElement } from '../xml/element.ts'
import { parseFragment } from '../xml/fragment.ts'
import type { ScanLimits } from '../xml/limits.ts'
import { listIn, type Item, type Items } from './item.ts'
import type { Problem } from './text.ts'

const NAMESPACE = 'http://schemas.microsoft.com/powershell/2004/04'

const LIMITS: ScanLimits = {
  stanzaBytes: 256 * 1024 * 1024,
  headerBytes: 4096,
  depth: 32,
  attributes: 16,
  elements: 10_000_000,
  nameBytes: 128,
  namespaces: 16,
  totalBytes: Infinity,
  totalElements: Infinity,
}

export function readClixml(text: string): Items | Problem {
  const read = parseFragment(text.replace(/^\s*<\?xml [^>]*\?>/, ''), LIMITS)
  if (!read.ok) return { problem: `no XML that can be taken (${read.detail}); export it again` }
  const root = parseElement(read.frame)
  if (root.getNS() !== NAMESPACE || root.getName() !== 'Objs')
    return { problem: 'XML, but not of Export-Clixml; export it with Export-Clixml, Export-Csv or ConvertTo-Json' }
  const reader = new Reader()
  const objects = root.getChildElements().flatMap((one) => reader.objects(one))
  const items: Item[] = objects.map(({ values }, index) => ({ place: `item ${index + 1}`, values }))
  return { items, type: objects.find(({ type }) => type !== undefined)?.type }
}

interface PsObject {
  readonly type: string | undefined
  readonly values: Readonly<Record<string, unknown>>
}

const LISTS: ReadonlySet<string> = new Set(['LST', 'IE', 'QUE', 'STK'])
const NUMBERS: ReadonlySet<string> = new Set(['By', 'SB', 'U16', 'I16', 'U32', 'I32', 'U64', 'I64', 'Sg', 'Db', 'D'])

/** Remembers what later elements refer to. */
class Reader {
  readonly #types = new Map<string, string | undefined>()
  readonly #values = new Map<string, unknown>()

  /** The objects of a list: one, or those in a list that was exported as a whole. */
  objects(element: Element): readonly PsObject[] {
    if (element.getName() !== 'Obj') return []
    const type = this.#typeOf(element)
    const inside = element.getChildElements().find((child) => LISTS.has(child.getName()))
    if (inside !== undefined) return inside.getChildElements().flatMap((child) => this.objects(child))
    const members = element.getChildElements().filter((child) => ['Props', 'MS'].includes(child.getName()))
    const entries = members.flatMap((group) => group.getChildElements()).flatMap((member) => this.#member(member))
    return [{ type, values: Object.fromEntries(entries) }]
  }

  #member(element: Element): readonly (readonly [string, unknown])[] {
    const name = element.attrs['N']
    const value = this.#value(element)
    return name === undefined || value === undefined ? [] : [[decoded(name), value]]
  }

  #value(element: Element): unknown {
    const name = element.getName()
    if (name === 'Nil') return undefined
    if (name === 'Ref') return this.#values.get(element.attrs['RefId'] ?? '')
    if (name === 'B') return element.getText() === 'true'
    if (NUMBERS.has(name)) return Number(element.getText())
    if (name !== 'Obj') return decoded(element.getText())
    this.#typeOf(element)
    const children = element.getChildElements()
    const inside = children.find((child) => LISTS.has(child.getName()))
    // A word of an enumeration has its number too; what it is called is what its ToString says.
    const value = inside
      ? inside.getChildElements().flatMap((child) => this.#value(child) ?? [])
      : (this.#wrapped(children) ?? children.find((child) => child.getName() === 'ToString')?.getText())
    const read = typeof value === 'string' ? decoded(value) : value
    const id = element.attrs['RefId']
    if (id !== undefined) this.#values.set(id, read)
    return read
  }

  /** A list that came by way of JSON. */
  #wrapped(children: readonly Element[]): unknown {
    const members = children.filter((child) => ['Props', 'MS'].includes(child.getName()))
    const entries = members.flatMap((group) => group.getChildElements()).flatMap((member) => this.#member(member))
    const list = listIn(Object.fromEntries(entries))
    return Array.isArray(list) ? list : undefined
  }

  #typeOf(element: Element): string | undefined {
    const names = element.getChildElements().find((child) => ['TN', 'TNRef'].includes(child.getName()))
    if (names === undefined) return undefined
    const id = names.attrs['RefId'] ?? ''
    if (names.getName() === 'TNRef') return this.#types.get(id)
    const [first] = names.getChildElements()
    this.#types.set(id, first?.getText())
    return first?.getText()
  }
}

/** Characters that XML cannot have, and what looks like one of them, are written `_x000A_`. [MS-PSRP] §2.2.5.3.2 */
const decoded = (text: string): string =>
  text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
