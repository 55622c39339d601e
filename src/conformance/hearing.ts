// Holds what was heard against what a case expects. Pure: a sentence about what is wrong, or nothing.

import type { Attributes, Heard, Pattern } from './case.ts'
import { NAMESPACES } from './namespaces.ts'
import { differs, inWords } from './pattern.ts'
import { shortly } from './stage/transcript.ts'
import type { Item } from './stage/wire.ts'

/** What one item can show; the end of a connection takes several. */
export type OneItem = Exclude<Heard, { readonly kind: 'closed' }>

/** @returns what is wrong with the item, or undefined where it is as expected */
export function heldAgainst(item: Item | undefined, heard: OneItem): string | undefined {
  switch (heard.kind) {
    case 'end':
      return item?.kind === 'end' ? undefined : `${said(item)} instead of </stream>`
    case 'header':
      return item?.kind === 'header'
        ? headerDiffers(item.attributes, heard.attributes)
        : `${said(item)} instead of a header`
    case 'element':
      if (item?.kind !== 'element') return `${said(item)} instead of ${inWords(heard.like)}`
      return differs(item.element, heard.like)
    case 'features':
      return featuresDiffer(item, heard)
    case 'stream-error':
      return errorDiffers(item, typeof heard.condition === 'string' ? [heard.condition] : heard.condition)
    default:
      return heard satisfies never
  }
}

/** @returns what is wrong with the attributes of a header; undefined: they are as wanted */
export function headerDiffers(
  attributes: Readonly<Record<string, string>>,
  wanted: Attributes = {},
): string | undefined {
  for (const [key, value] of Object.entries(wanted)) {
    const is = attributes[key]
    const fits = typeof value === 'string' ? is === value : (is !== undefined) === value
    if (!fits) return `the header has ${is === undefined ? `no ${key}` : `${key}="${is}"`}`
  }
  return undefined
}

function featuresDiffer(
  item: Item | undefined,
  { with: wanted = [], without = [] }: Extract<Heard, { kind: 'features' }>,
): string | undefined {
  if (item?.kind !== 'element' || item.element.getName() !== 'features') return `${said(item)} instead of features`
  const children = item.element.getChildElements()
  const has = (pattern: Pattern): boolean => children.some((child) => differs(child, pattern) === undefined)
  const lacking = wanted.find((pattern) => !has(pattern))
  if (lacking) return `the features lack ${inWords(lacking)}`
  const unwanted = without.find(has)
  return unwanted && `the features have ${inWords(unwanted)}`
}

function errorDiffers(item: Item | undefined, conditions: readonly string[]): string | undefined {
  const wanted = conditions.map((condition) => `<${condition}/>`).join(' or ')
  if (item?.kind !== 'element' || item.element.getName() !== 'error' || item.element.getNS() !== NAMESPACES.STREAMS)
    return `${said(item)} instead of ${wanted}`
  const condition = item.element
    .getChildElements()
    .find((child) => child.getNS() === NAMESPACES.STREAM_ERRORS && child.getName() !== 'text')
  if (condition && conditions.includes(condition.getName())) return undefined
  return `<${condition?.getName() ?? 'no condition'}/> instead of ${wanted}`
}

/** An item in a few words. */
export function said(item: Item | undefined): string {
  if (item === undefined) return 'nothing'
  if (item.kind === 'element') return shortly(item.element)
  return item.kind === 'header' ? 'a header' : item.kind === 'end' ? '</stream>' : item.detail
}
