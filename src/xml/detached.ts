// A part of a tree as it stands alone: written without prefixes, each namespace declared where it begins, so that it means
// the same wherever it is put.

import type { Element } from '@xmpp/xml'
import { attribute, escapeText } from './write.ts'

/** What is written of the element; undefined where an attribute is of a namespace, `xml:` apart. */
export function detached(element: Element, within = ''): string | undefined {
  const namespace = element.getNS() ?? ''
  let text = `<${element.getName()}${namespace === within ? '' : attribute('xmlns', namespace)}`
  for (const [name, value] of Object.entries(element.attrs)) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue
    if (name.includes(':') && !name.startsWith('xml:')) return undefined
    text += attribute(name, value)
  }
  let inner = ''
  for (const child of element.children) {
    const written = typeof child === 'string' ? escapeText(child) : detached(child, namespace)
    if (written === undefined) return undefined
    inner += written
  }
  return inner === '' ? `${text}/>` : `${text}>${inner}</${element.getName()}>`
}
