// Frames on other streams than they came on: re-scoped, with another sender's spelling, written from a tree, masked with
// nothing hidden. What they mean there, saxes says.

import assert from 'node:assert/strict'
import { parseElement, serialize } from '../../src/xml/element.ts'
import type { Frame } from '../../src/xml/frame.ts'
import type { ScanLimits } from '../../src/xml/limits.ts'
import { mask } from '../../src/xml/mask.ts'
import { type Content, rescope } from '../../src/xml/rescope.ts'
import { bufferOf } from '../../src/xml/stretch.ts'
import { NS } from '../../src/xmpp/namespaces.ts'
import { opinion, type Resolved } from './oracle.ts'

const CONTENTS: ReadonlySet<string> = new Set([NS.client, NS.server, NS.component])
const TARGET_LANG = 'en'
const LANG = `{${NS.xml}}lang=`
/** What is re-scoped may become longer than what came, and is not read again by us. */
const ANY: ScanLimits = {
  stanzaBytes: Infinity,
  headerBytes: Infinity,
  depth: Infinity,
  attributes: Infinity,
  elements: Infinity,
  nameBytes: Infinity,
  namespaces: Infinity,
  totalBytes: Infinity,
  totalElements: Infinity,
}

/** `trees`: what the frames mean where they came from. */
export function judgeRewriting(frames: readonly Frame[], trees: readonly Resolved[]): void {
  if (frames.length === 0) return
  for (const content of [NS.server, NS.component] as const) {
    const bytes = frames.map((frame) => bufferOf(rescope(frame, { lang: TARGET_LANG, content })))
    const meant = frames.map((frame, at) => moved(frame, trees[at]!, content))
    assert.deepEqual(meaning(bytes, content), meant, `re-scoped to ${content}`)
  }
  const written = frames.map((frame) => serialize(parseElement(frame)))
  assert.deepEqual(meaning(written, NS.server), trees, 'written from a tree')
  const shown = written.map((bytes) => Buffer.from(mask(bytes.toString(), 'all').xml))
  assert.deepEqual(meaning(shown, NS.server), trees, 'masked with nothing hidden')
}

/** What elements mean on a stream that carries `content`. */
function meaning(elements: readonly Buffer[], content: string): readonly Resolved[] {
  const head = `<stream:stream xmlns='${content}' xmlns:stream='${NS.streams}' xml:lang='${TARGET_LANG}'>`
  const { wrong, elements: found } = opinion(Buffer.concat([Buffer.from(head), ...elements]), ANY)
  assert.equal(wrong, undefined, 'it is no element any more')
  return found
}

/** The same on another stream: what it carries by default is another namespace, and its language may have to be said. */
function moved({ lang, scope }: Frame, tree: Resolved, content: Content): Resolved {
  const former = CONTENTS.has(scope.defaultNamespace) ? scope.defaultNamespace : NS.server
  const there = renamed(tree, former, content)
  if (lang !== undefined || scope.lang === undefined || scope.lang === '' || scope.lang === TARGET_LANG) return there
  return { ...there, attributes: [...there.attributes, LANG + scope.lang].toSorted() }
}

function renamed(tree: Resolved, from: string, to: string): Resolved {
  return {
    ...tree,
    namespace: tree.namespace === from ? to : tree.namespace,
    children: tree.children.map((child) => (typeof child === 'string' ? child : renamed(child, from, to))),
  }
}
