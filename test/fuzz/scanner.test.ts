// The scanner against saxes, over generated streams and mutations of them: the same verdict, the same elements,
// attributes and text, whole and in random chunks. `FUZZ_ROUNDS` and `FUZZ_SEED` make it longer or replay it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseElement } from '../../src/xml/element.ts'
import { FAULTS } from '../../src/xml/faults.ts'
import type { Frame } from '../../src/xml/frame.ts'
import { rescope } from '../../src/xml/rescope.ts'
import { AFTER_AUTHENTICATION } from '../../src/xml/limits.ts'
import { type ScanEvent, Scanner } from '../../src/xml/scanner.ts'
import { NS } from '../../src/xmpp/namespaces.ts'
import { decodeAttribute } from '../../src/xml/references.ts'
import { mutate, type Random, seeded, stream } from './generate.ts'
import { opinion, type Resolved, resolveElement } from './oracle.ts'

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 6000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

/** What XMPP forbids and XML does not: no verdict of saxes is comparable. */
const STRICTER = new Set(['restricted-xml', 'bad-format', 'invalid-namespace', 'policy-violation'])

/** What XML or its namespaces forbid and saxes lets pass. */
const LENIENT: ReadonlySet<string> = new Set([
  FAULTS.declaredEncoding.detail,
  FAULTS.declarationVersion.detail,
  FAULTS.qualifiedName.detail,
])

interface Reading {
  readonly frames: readonly Frame[]
  readonly end: Exclude<ScanEvent, { kind: 'frame' | 'header' }> | undefined
  /** How many bytes were read by the time it ended. */
  readonly length: number
}

function read(bytes: Buffer, size: () => number): Reading {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length;) {
    const chunk = bytes.subarray(at, at + size())
    at += chunk.length
    scanner.push(chunk)
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) {
      if (event.kind === 'frame') frames.push(event.frame)
      else if (event.kind !== 'header') return { frames, end: event, length: at }
    }
  }
  return { frames, end: undefined, length: bytes.length }
}

/** Compares both on these bytes; says which way it went. */
function compare(bytes: Buffer, random: Random): string {
  const ours = read(bytes, () => 1)
  const chunked = read(bytes, () => 1 + random(50))
  assert.deepEqual(chunked.end, ours.end)
  assert.deepEqual(
    chunked.frames.map(({ bytes: own, id, ...facts }) => ({ ...facts, id, own: own.toString('latin1') })),
    ours.frames.map(({ bytes: own, id, ...facts }) => ({ ...facts, id, own: own.toString('latin1') })),
  )
  if (trimsNamespace(bytes)) return 'not comparable'
  // After the footer nothing is read: what follows is not part of the document.
  const theirs = opinion(ours.end?.kind === 'footer' ? bytes.subarray(0, ours.length) : bytes)
  for (const [at, frame] of ours.frames.entries()) {
    const tree = resolveElement(parseElement(frame))
    assertFacts(frame, tree)
    assertRescoped(frame, tree)
    // Theirs ends at its first error, which may be one that XML has and we find only later.
    if (at < theirs.elements.length) assert.deepEqual(tree, theirs.elements[at])
  }
  if (ours.end?.kind === 'footer') {
    assert.equal(theirs.error, undefined, 'we accept what saxes does not')
    assert.equal(ours.frames.length, theirs.elements.length)
    return ours.frames.length > 0 ? 'accepted' : 'empty'
  }
  if (ours.end === undefined) {
    assert.notEqual(theirs.error, undefined, 'we wait for more where saxes is done')
    return 'unfinished'
  }
  const incomparable = STRICTER.has(ours.end.condition) || LENIENT.has(ours.end.detail)
  if (!incomparable) assert.notEqual(theirs.error, undefined, `we refuse what saxes accepts: ${ours.end.detail}`)
  return ours.end.condition
}

/** saxes cuts white space off the ends of a namespace; Namespaces in XML 1.0 §2.3 compares names character for character. */
function trimsNamespace(bytes: Buffer): boolean {
  for (const [, quoted] of bytes.toString().matchAll(/xmlns[^=<>]*=\s*('[^']*'|"[^"]*")/g)) {
    try {
      const namespace = decodeAttribute(quoted!.slice(1, -1))
      if (namespace.trim() !== namespace) return true
    } catch {
      // No value at all: both will say so.
    }
  }
  return false
}

function assertFacts(frame: Frame, tree: Resolved): void {
  const value = (name: string): string | undefined =>
    tree.attributes.find((attribute) => attribute.startsWith(`{}${name}=`))?.slice(name.length + 3)
  assert.deepEqual([frame.namespace, frame.name], [tree.namespace, tree.name])
  for (const name of ['to', 'from', 'id', 'type'] as const) assert.equal(frame[name], value(name))
  const lang = '{http://www.w3.org/XML/1998/namespace}lang='
  assert.equal(frame.lang, tree.attributes.find((attribute) => attribute.startsWith(lang))?.slice(lang.length))
  assert.deepEqual(
    frame.payloads.map(({ namespace, name }) => `{${namespace}}${name}`),
    tree.children.flatMap((child) => (typeof child === 'string' ? [] : [`{${child.namespace}}${child.name}`])),
  )
}

function assertRescoped(frame: Frame, tree: Resolved): void {
  const head = Buffer.from(`<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>`)
  const [there] = read(Buffer.concat([head, rescope(frame, { lang: 'en' })]), () => 65_536).frames
  assert.ok(there, 'what was re-scoped is not a frame any more')
  const translated = frame.scope.defaultNamespace === NS.client ? asServerContent(tree) : tree
  assert.deepEqual(resolveElement(parseElement(there)), translated)
}

/** The content of a client's stream as that of a server's. */
function asServerContent(tree: Resolved): Resolved {
  return {
    ...tree,
    namespace: tree.namespace === NS.client ? NS.server : tree.namespace,
    children: tree.children.map((child) => (typeof child === 'string' ? child : asServerContent(child))),
  }
}

test(`the scanner and saxes agree on every stream and every mutation (seed ${SEED})`, () => {
  const random = seeded(SEED)
  const reached = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    let bytes: Buffer = Buffer.from(stream(random))
    for (let mutations = Math.max(0, random(5) - 1); mutations > 0; mutations--) bytes = mutate(bytes, random)
    try {
      const way = compare(bytes, random)
      reached.set(way, (reached.get(way) ?? 0) + 1)
    } catch (error) {
      throw new Error(`round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error })
    }
  }
  const floors = {
    accepted: 0.2,
    'not-well-formed': 0.1,
    'bad-namespace-prefix': 0.02,
    'unsupported-encoding': 0.005,
    'restricted-xml': 0.005,
    'bad-format': 0.003,
    unfinished: 0.02,
  }
  for (const [way, floor] of Object.entries(floors)) {
    const count = reached.get(way) ?? 0
    assert.ok(count >= ROUNDS * floor, `${way} was reached only ${count} times: ${JSON.stringify([...reached])}`)
  }
})
