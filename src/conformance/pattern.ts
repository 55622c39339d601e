// Holds an element against what a case expects of it.

import type { Element } from '@xmpp/xml'
import type { Pattern } from './case.ts'
import { isPrivate } from './stage/transcript.ts'

/** @returns what is wrong, in words; undefined: it is like the pattern */
export function differs(element: Element, pattern: Pattern): string | undefined {
  const { name, ns, attributes = {}, has = [], lacks = [], text } = pattern
  if (element.getName() !== name) return `<${element.getName()}/> instead of <${name}/>`
  if (ns !== undefined && element.getNS() !== ns) return `<${name}/> in ${element.getNS() ?? 'no namespace'}, not ${ns}`
  for (const [key, wanted] of Object.entries(attributes)) {
    const value: unknown = element.attrs[key]
    const fits = typeof wanted === 'string' ? value === wanted : (value !== undefined) === wanted
    if (!fits) return `<${name}/> has ${key}=${String(value)}, not ${String(wanted)}`
  }
  if (text !== undefined && element.getText() !== text)
    return `<${name}/> says ${isPrivate(name) ? 'other words' : `"${element.getText()}"`}, not "${text}"`
  const isThere = (child: Pattern): boolean =>
    element.getChildElements().some((one) => differs(one, child) === undefined)
  const missing = has.find((child) => !isThere(child))
  if (missing) return `<${name}/> lacks <${missing.name}/>`
  const unwanted = lacks.find(isThere)
  return unwanted && `<${name}/> has <${unwanted.name}/>`
}

/** The pattern in words: `<error type="cancel"><not-allowed/></error>`. */
export function inWords({ name, attributes = {}, has = [] }: Pattern): string {
  const said = Object.entries(attributes).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? `"${value}"` : value}`,
  )
  return has.length === 0
    ? `<${name}${said.join('')}/>`
    : `<${name}${said.join('')}>${has.map(inWords).join('')}</${name}>`
}
