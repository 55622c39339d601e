// Every golden file of `test/cases/hostile`, sent to a real listener over a real connection, while a well-behaved
// stream next to it goes on. What each must come to is in `expect.json`; see the README there.

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import type { Stream } from '../../src/net/stream.ts'
import type { Dialog } from '../support/dialog.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { AUTH, Caller, Gate, message, reachPhase } from './gate.ts'

const CASES = new URL('../cases/hostile/', import.meta.url)

interface Expected {
  readonly phase: 'plain' | 'tls' | 'ready'
  readonly condition: string
  readonly by: 'scanner' | 'stream' | 'checkpoint'
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of ours; a wrong shape fails the tests
const EXPECTED = JSON.parse(readFileSync(new URL('expect.json', CASES), 'utf8')) as Readonly<Record<string, Expected>>
const FILES = readdirSync(CASES).filter((name) => name.endsWith('.xml'))

const PHASES = { plain: 'opening', tls: 'tls', ready: 'ready' } as const

let ca: Issued
let theirs: Issued
let gate: Gate
let bystander: Stream

before(async () => {
  ca = await makeCa()
  theirs = await issue({ ca, names: ['peer.test'] })
  gate = await Gate.open({
    ca,
    certificate: await issue({ ca, names: ['us.test'] }),
    limits: { after: { ...DEFAULT_LIMITS.after, stanzaBytes: 10_000 } },
  })
  bystander = await new Caller(ca, theirs).reach(gate.target.port)
  await gate.streams.next()
})
after(() => gate[Symbol.asyncDispose]())

test('every file is expected to come to something, and every expectation has a file', () => {
  deepEqual(FILES.toSorted(), Object.keys(EXPECTED).toSorted())
  ok(FILES.length >= 60)
})

/** The bytes of a file, with the names filled in. */
function bytesOf(file: string): Buffer {
  const text = readFileSync(new URL(file, CASES), 'latin1')
  return Buffer.from(text.replaceAll('{{us}}', 'us.test').replaceAll('{{peer}}', 'peer.test'), 'latin1')
}

/** The stream goes on: what is said now is answered as if nothing had happened. */
async function assertGoesOn(dialog: Dialog, { condition }: Expected): Promise<void> {
  if (condition.startsWith('sasl:')) {
    await dialog.expect(new RegExp(`<failure [^>]*><${condition.slice('sasl:'.length)}/></failure>`))
    await dialog.say(AUTH).expect(/<success/)
    return
  }
  // The checkpoint is not asked here: to the stream it is a stanza like any other.
  const seen = gate.frames.all.length
  dialog.say(message('still here'))
  while ((await gate.frames.next()) !== message('still here'));
  ok(gate.frames.all.length > seen)
  equal(dialog.heard, '')
}

for (const file of FILES) {
  const expected = EXPECTED[file]
  if (!expected) continue
  test(`${file}: ${expected.phase}, ${expected.condition}`, async () => {
    await using dialog = await reachPhase(await gate.dialog(), PHASES[expected.phase], theirs)
    dialog.say(bytesOf(file))
    if (expected.by === 'checkpoint' || expected.condition.startsWith('sasl:')) {
      await assertGoesOn(dialog, expected)
    } else {
      const heard = await dialog.end()
      if (expected.condition === 'close') doesNotMatch(heard, /<stream:error>/)
      else
        match(
          heard,
          new RegExp(`<stream:error><${expected.condition} [^>]*/><text [^>]*>Reference: [^<]*</text></stream:error>`),
        )
      if (heard !== '' || expected.condition !== 'close') match(heard, /<\/stream:stream>$/)
    }
    ok(bystander.open)
    deepEqual(gate.bugs.all, [])
  })
}

test('none of it took a deadline, and the stream next to it has not noticed', async () => {
  const late = [...gate.failures.all, ...gate.ends.all].filter(
    ({ reason }) => reason === 'SP-430' || reason === 'SP-491',
  )
  deepEqual(late, [])
  bystander.send(Buffer.from(message('bystander')))
  while ((await gate.frames.next()) !== message('bystander'));
  equal(bystander.open, true)
  await gate.settled(1)
  equal(gate.listener.connections, 1)
})
