// What saxes, a strict parser by others, says to the same bytes, in the terms of our scanner.

import type { Element } from '@xmpp/xml'
import { SaxesParser, type SaxesTagNS } from 'saxes'

/** An element with its namespaces resolved. */
export interface Resolved {
  readonly namespace: string
  readonly name: string
  /** `{namespace}name=value`, declarations left out, sorted. */
  readonly attributes: readonly string[]
  /** Elements and text, adjoining texts as one. */
  readonly children: readonly (Resolved | string)[]
}

export interface Opinion {
  /** The first thing that is wrong; undefined: a whole well-formed document. */
  readonly error: string | undefined
  /** The complete children of the root, before the error. */
  readonly elements: readonly Resolved[]
}

const XMLNS = 'http://www.w3.org/2000/xmlns/'

/** What saxes thinks of a whole document. */
export function opinion(bytes: Buffer): Opinion {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { error: 'not UTF-8', elements: [] }
  }
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  const elements: Resolved[] = []
  const open: Open[] = []
  let error: string | undefined
  parser.on('error', (problem) => {
    error ??= problem.message
  })
  parser.on('opentag', (tag) => open.push({ tag, children: [] }))
  parser.on('closetag', () => {
    const closed = resolved(open.pop()!)
    if (open.length > 1) open.at(-1)!.children.push(closed)
    else if (open.length === 1 && error === undefined) elements.push(closed)
  })
  const addText = (more: string): void => {
    const children = open.at(-1)?.children
    if (children === undefined || more === '') return
    const last = children.length - 1
    if (typeof children[last] === 'string') children[last] += more
    else children.push(more)
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(text).close()
  return { error, elements }
}

interface Open {
  readonly tag: SaxesTagNS
  readonly children: (Resolved | string)[]
}

function resolved({ tag, children }: Open): Resolved {
  const attributes = Object.values(tag.attributes)
    .filter(({ uri, name }) => uri !== XMLNS && name !== 'xmlns')
    .map(({ uri, local, value }) => `{${uri}}${local}=${value}`)
  return { namespace: tag.uri, name: tag.local, attributes: attributes.toSorted(inOrder), children }
}

/** A tree of ours in the same terms. */
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
    attributes: attributes.toSorted(inOrder),
    children: element.children.map((child) => (typeof child === 'string' ? child : resolveElement(child))),
  }
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1
}
