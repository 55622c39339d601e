// Our scanner against the oracle, on one stream: the same verdict at the same token for a reason that is true of it, the same
// header, elements, attributes and text, however the bytes were cut; and frames that mean the same wherever they go.

import assert from 'node:assert/strict'
import { parseElement } from '../../src/xml/element.ts'
import type { Frame, Scope, StreamHeader } from '../../src/xml/frame.ts'
import { NS } from '../../src/xmpp/namespaces.ts'
import { judgeRewriting } from './elsewhere.ts'
import { LIMITS } from './limits.ts'
import { type Before, charactersLike, type Opinion, opinion, type Resolved, type Root, tokenOf } from './oracle.ts'
import type { Finding } from './restrictions.ts'
import type { Random } from './random.ts'
import { type Case, read, type Reading } from './reading.ts'
import { resolveElement } from './resolved.ts'

/** The scanner and the oracle differ; what about. */
export class Difference extends Error {
  override name = 'Difference'
}

export interface Verdict {
  /** Which way it went. */
  readonly way: string
  /** What the scanner found wrong: the `detail` of a fault. */
  readonly fault: string | undefined
}

/** Holds one stream against all we know. Throws a `Difference`. */
export function judge(stream: Case, random: Random): Verdict {
  try {
    return judged(stream, random)
  } catch (error) {
    if (error instanceof Difference) throw error
    throw new Difference(error instanceof Error ? error.message : 'not even an error', { cause: error })
  }
}

function judged(stream: Case, random: Random): Verdict {
  const ours = read(stream, () => 1, random)
  for (const size of [() => stream.bytes.length, () => 1 + random(1 + random(80))])
    same(read(stream, size, random), ours)
  for (const [at, frame] of ours.frames.entries()) {
    assert.ok(frame.bytes.equals(ours.copies[at]!), 'a frame changed its bytes')
  }
  const fault = ours.end?.kind === 'error' ? ours.end.detail : undefined
  return { way: wayOf(stream, ours), fault }
}

function wayOf(stream: Case, ours: Reading): string {
  const { restart } = stream
  if (ours.restartedAt === undefined) return alone(stream, stream.bytes, ours, {})
  if (restart!.trailing) return `trailing: ${endOf(ours.end)}`
  // Two streams, one after the other.
  const { restartedAt } = ours
  const first = {
    ...ours,
    headers: ours.headers.slice(0, 1),
    frames: ours.frames.slice(0, restart!.after),
    end: undefined,
    length: restartedAt,
  }
  const before = stream.bytes.subarray(0, restartedAt)
  alone(stream, before, first, {})
  const second = {
    ...ours,
    headers: ours.headers.slice(1),
    frames: ours.frames.slice(restart!.after),
    length: ours.length - restartedAt,
  }
  const spent = { restarted: true, bytes: restartedAt, elements: opinion(before, LIMITS[stream.limits]).counted }
  return `restarted: ${alone(stream, stream.bytes.subarray(restartedAt), second, spent)}`
}

const endOf = (end: Reading['end']): string =>
  end === undefined ? 'unfinished' : end.kind === 'error' ? end.condition : end.kind

function same(others: Reading, ours: Reading): void {
  const [theirs, our] = [plain(others), plain(ours)]
  if (theirs !== our) assert.fail(`it depends on the chunks\n${theirs}\n${our}`)
}

/** All that a reading is, as text, which is quickly compared. */
function plain({ headers, frames, end, whitespace, openBytes }: Reading): string {
  return JSON.stringify(
    [
      headers.map((header) => ({ ...header, scope: plainScope(header.scope) })),
      frames.map(plainFrame),
      end,
      whitespace,
      openBytes,
    ],
    undefined,
    ' ',
  )
}

const plainScope = (scope: Scope): object => ({ ...scope, prefixes: [...scope.prefixes] })

function plainFrame(frame: Frame): object {
  const { name, namespace, to, from, type, id, lang, payloads, needsScope } = frame
  const bytes = frame.bytes.toString('latin1')
  return { name, namespace, to, from, type, id, lang, payloads, needsScope, bytes, scope: plainScope(frame.scope) }
}

type Part = Pick<Reading, 'headers' | 'frames' | 'end' | 'length'>

/** One stream from its beginning. */
function alone({ limits }: Case, all: Buffer, ours: Part, before: Before): string {
  const { end } = ours
  // After the footer nothing is read.
  const bytes = end?.kind === 'footer' ? all.subarray(0, ours.length) : all
  const theirs = opinion(bytes, LIMITS[limits], before)
  if (theirs.trimmedFrom !== undefined) return 'incomparable'
  if (theirs.root !== undefined && ours.headers.length > 0) sameHeader(ours.headers[0]!, theirs.root)
  sameVerdict(bytes, ours, theirs, (longer) => opinion(longer, LIMITS[limits], before), limits)
  const trees = ours.frames.map((frame) => resolveElement(parseElement(frame)))
  assert.deepEqual(trees, theirs.elements.slice(0, trees.length))
  for (const [at, frame] of ours.frames.entries()) sameFacts(frame, trees[at]!)
  judgeRewriting(ours.frames, trees)
  return endOf(end)
}

/** Ways in which what is unfinished may go on. */
const ENDINGS = [
  ...['', '>', `'>`, `">`, `=''>`, `''>`, 'x>', `x=''>`, `:x=''>`, ':x>', '/>', ' >', '/x>', 'x />'],
  ...['amp;', ';', 'x41;', '41;', `amp;'>`, `;'>`, `;">`, `x41;'>`, '>x', ']]>', ']>', '[CDATA[]]>', 'x'],
  ...['?>', `'?>`, `"?>`, ` version='1.0'?>`, `='1.0'?>`, `version='1.0'?>`, `'1.0'?>`, `.0'?>`, `0'?>`, `yes'?>`],
]

function sameVerdict(
  bytes: Buffer,
  ours: Part,
  theirs: Opinion,
  again: (longer: Buffer) => Opinion,
  limits: Case['limits'],
): void {
  const { end } = ours
  const { wrong, tokens } = theirs
  if (end?.kind === 'footer') {
    assert.equal(wrong, undefined, 'we accept what is wrong')
    assert.equal(theirs.closed, tokens.length - 1, 'we see an end that is none')
    assert.equal(ours.frames.length, theirs.elements.length)
    return
  }
  assert.equal(theirs.closed, undefined, 'we see no end')
  const mayGoOn = (token: number): boolean => tokens[token]?.whole !== true
  if (end === undefined) {
    assert.equal(ours.frames.length, theirs.elements.length)
    if (wrong === undefined) return
    assert.ok(mayGoOn(wrong.token), `we wait for more in spite of ${wrong.findings[0]?.what}`)
    // A declaration is judged as a whole.
    const close = tokens[wrong.token]?.kind === 'declaration' ? '?>' : ''
    for (const ending of ENDINGS.slice(1)) {
      const stream = { bytes: Buffer.concat([bytes, Buffer.from(ending + close)]), limits }
      if (again(stream.bytes).tokens[wrong.token]?.whole !== true) continue
      const later = read(
        stream,
        () => 1,
        () => 0,
      )
      assert.equal(
        later.end?.kind,
        'error',
        `we wait for more in spite of ${wrong.findings[0]?.what}, even after ${ending}`,
      )
    }
    return
  }
  const token = tokenFound(tokens, ours.length - 1, wrong)
  if (wrong !== undefined && wrong.token <= token) {
    assert.equal(token, wrong.token, `we overlook ${wrong.findings[0]?.what}`)
    assert.equal(ours.frames.length, theirs.elements.length)
    if (wrong.findings.some((finding) => isThat(finding, end))) return
  } else assert.equal(ours.frames.length, theirs.elements.length)
  // It may be wrong already, although saxes waits for the end of the token to say so.
  assert.ok(mayGoOn(token), `we find ${end.detail} where there is ${wrong?.findings[0]?.what ?? 'nothing wrong'}`)
  const { whole, characters } = cutCharacter(bytes.subarray(0, ours.length))
  let isTrue = false
  for (const ending of characters.flatMap((character) => ENDINGS.map((rest) => character + rest))) {
    const later = again(Buffer.concat([whole, Buffer.from(ending)]))
    if (later.wrong === undefined && later.tokens.at(-1)?.whole !== true) continue
    const isWrong = later.wrong !== undefined && later.wrong.token <= token
    assert.ok(isWrong, `we find ${end.detail}, but it may go on with ${ending}`)
    isTrue ||= later.wrong.findings.some((finding) => isThat(finding, end))
  }
  assert.ok(isTrue, `we find ${end.detail} where there is ${wrong?.findings[0]?.what ?? 'something else wrong'}`)
}

const isThat = (
  { condition, reason }: Finding,
  end: { readonly condition: string; readonly reason: string },
): boolean => condition === end.condition && (reason === undefined || reason === end.reason)

/** The bytes without the beginning of a character at their end, and what characters it may be the beginning of. */
function cutCharacter(bytes: Buffer): { readonly whole: Buffer; readonly characters: readonly string[] } {
  let at = bytes.length
  while (at > 0 && at > bytes.length - 3 && (bytes[at - 1]! & 0xc0) === 0x80) at--
  const characters = at > 0 && bytes[at - 1]! >= 0xc0 ? charactersLike(bytes.subarray(at - 1)) : []
  return characters.length > 0 ? { whole: bytes.subarray(0, at - 1), characters } : { whole: bytes, characters: [''] }
}

/** The token in which a fault was found at `offset`: a reference without an end is found at the first byte after the text. */
function tokenFound(tokens: Opinion['tokens'], offset: number, wrong: Opinion['wrong']): number {
  const text = wrong === undefined ? undefined : tokens[wrong.token]
  return text?.kind === 'text' && text.end === offset ? wrong!.token : tokenOf(tokens, offset)
}

const LANG = `{${NS.xml}}lang`

function valueOf(attributes: readonly string[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.startsWith(`${name}=`))?.slice(name.length + 1)
}

function sameHeader({ to, from, id, version, lang, scope }: StreamHeader, root: Root): void {
  const theirs = ['{}to', '{}from', '{}id', '{}version', LANG].map((name) => valueOf(root.attributes, name))
  assert.deepEqual([to, from, id, version, lang], theirs, 'another header')
  const declared = new Map(scope.prefixes)
  if (scope.defaultNamespace !== '' || root.declared.has('')) declared.set('', scope.defaultNamespace)
  assert.deepEqual(declared, root.declared, 'other declarations in the header')
  assert.equal(scope.lang, lang)
}

function sameFacts(frame: Frame, tree: Resolved): void {
  assert.deepEqual([frame.namespace, frame.name], [tree.namespace, tree.name])
  const facts = [frame.to, frame.from, frame.id, frame.type, frame.lang]
  assert.deepEqual(
    facts,
    ['{}to', '{}from', '{}id', '{}type', LANG].map((name) => valueOf(tree.attributes, name)),
  )
  assert.deepEqual(
    frame.payloads.map(({ namespace, name }) => `{${namespace}}${name}`),
    tree.children.flatMap((child) => (typeof child === 'string' ? [] : [`{${child.namespace}}${child.name}`])),
  )
}
