// A tree of ours in the terms of the oracle.

import type { Element } from '@xmpp/xml'
import type { Resolved } from './oracle.ts'

export function resolveElement(element: Element): Resolved {
  const attributes = Object.entries(element.attrs)
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => {
      const colon = name.indexOf(':')
      const namespace = colon < 0 ? '' : element.findNS(name.slice(0, colon))
      return `{${namespace}}${name.slice(colon + 1)}=${value}`
    })
  return {
    namespace: element.getNS() ?? '',
    name: element.getName(),
    attributes: attributes.toSorted(),
    children: element.children.map((child) => (typeof child === 'string' ? child : resolveElement(child))),
  }
}
