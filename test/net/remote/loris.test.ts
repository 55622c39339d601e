// Clients that come and then say nothing, or a byte at a time, at every entrance and at every point of the way to an address
// and beyond: each is gone when its time is over, is told why where it can hear that, and leaves nothing behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import process from 'node:process'
import type { Dialog } from '../../support/dialog.ts'
import { parseElement } from '../../../src/xml/element.ts'
import { STARTTLS } from '../../support/raw-client.ts'
import { eventually } from '../../support/within.ts'
import { auth, bound, HEADER, logIn, outside, PATH, type Outside, type Way } from './outside.ts'
import { frame, http, OPEN, opened, upgraded } from './over-web.ts'
import { OURS } from './scripted-core.ts'

const HOST = '127.0.27.1'
const NEGOTIATION_MS = 3000

interface Loris {
  readonly way: Way
  readonly about: string
  /** What is heard at last; undefined: nothing more. */
  readonly hears?: RegExp
  come(world: Outside, way: Way, from: string): Promise<Dialog>
  /** Is said a byte at a time, again and again, as long as anybody listens. */
  readonly drips?: Buffer | string
}

const LATE =
  /<stream:stream [^]*<stream:error><connection-timeout [^]*Reference: [^]*<\/stream:error><\/stream:stream>$/
const LATE_AGAIN = /^<stream:error><connection-timeout [^]*Reference: [^]*<\/stream:error><\/stream:stream>$/

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
/** Of an account of its own: attempts under way count as failed. */
const scram = (from: string): string =>
  `<auth xmlns='${SASL}' mechanism='SCRAM-SHA-1'>${Buffer.from(`n,,n=${from},r=abc`).toString('base64')}</auth>`

/** The beginning of a handshake of TLS that goes on for 512 bytes. */
const HELLO = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]), Buffer.alloc(500)])
const request = `GET ${PATH} HTTP/1.1\r\nHost: ${OURS}\r\nX-More: ${'x'.repeat(8000)}\r\n`

const proceeded = async (world: Outside, way: Way, from: string): Promise<Dialog> => {
  const dialog = await world.knock(way, from)
  await dialog.say(HEADER).expect(/<\/stream:features>/)
  await dialog.say(STARTTLS).expect(/<proceed[^>]*>/)
  return dialog
}
const offered = async (world: Outside, way: Way, from: string): Promise<Dialog> => {
  const dialog = await world.secured(way, from)
  await dialog.say(HEADER).expect(/<\/stream:features>/)
  return dialog
}

const silent = (way: Way): Loris => ({ way, about: 'says nothing at all', come: (w, _, from) => w.knock(way, from) })
const handshake = (way: Way): Loris => ({ ...silent(way), about: 'drips a handshake', drips: HELLO })

/** What a stream over TCP may stop at, however it was secured. */
const streams = (way: 'starttls' | 'direct' | 'any'): readonly Loris[] => [
  {
    ...{ way, about: 'is secured and says nothing' },
    ...(way === 'any' ? {} : { hears: LATE }),
    come: (w, _, from) => w.secured(way, from),
  },
  { way, about: 'drips a header', hears: LATE, drips: HEADER.slice(0, -1), come: (w, _, from) => w.secured(way, from) },
  { way, about: 'is offered a log-in and says nothing', hears: LATE_AGAIN, come: offered },
  {
    ...{ way, about: 'drips half a word of a log-in', hears: LATE_AGAIN, come: offered },
    drips: auth('alice').slice(0, 70),
  },
  {
    ...{ way, about: 'is asked for its first message and says nothing', hears: LATE_AGAIN },
    async come(w, _, from) {
      const dialog = await offered(w, way, from)
      await dialog.say(`<auth xmlns='${SASL}' mechanism='PLAIN'/>`).expect(/<challenge[^>]*>/)
      return dialog
    },
  },
  {
    ...{ way, about: 'is shown a challenge and says nothing', hears: LATE_AGAIN },
    async come(w, _, from) {
      const dialog = await offered(w, way, from)
      await dialog.say(scram(from)).expect(/<challenge[^>]*>[^<]+<\/challenge>/)
      return dialog
    },
  },
  {
    ...{ way, about: 'logs in and says nothing', hears: LATE },
    async come(w, _, from) {
      const dialog = await offered(w, way, from)
      await dialog.say(auth('alice')).expect(/<success[^>]*>/)
      return dialog
    },
  },
  {
    ...{ way, about: 'logs in and binds nothing, blanks aside', hears: LATE_AGAIN, drips: ' '.repeat(1000) },
    come: async (w, _, from) => logIn(await w.secured(way, from), 'alice'),
  },
]

const webs = (way: 'any' | 'websocket'): readonly Loris[] => [
  { way, about: 'is secured for HTTP and says nothing', come: (w, _, from) => w.secured(way, from, http) },
  { way, about: 'drips a request', drips: request, come: (w, _, from) => w.secured(way, from, http) },
  {
    ...{ way, about: 'has a WebSocket and says nothing' },
    hears: /<stream:error [^]*<connection-timeout [^]*<close /,
    come: upgraded,
  },
  {
    ...{ way, about: 'drips a frame', drips: frame(OPEN).subarray(0, -1), come: upgraded },
    hears: /<connection-timeout /,
  },
  { way, about: 'is offered a log-in over WebSocket and says nothing', hears: /<connection-timeout /, come: opened },
  {
    ...{ way, about: 'is shown a challenge over WebSocket and says nothing', hears: /<connection-timeout / },
    async come(w, _, from) {
      const dialog = await opened(w, way, from)
      await dialog.say(frame(scram(from))).expect(/<challenge[^>]*>[^<]+<\/challenge>/)
      return dialog
    },
  },
  {
    ...{ way, about: 'logs in over WebSocket and binds nothing, pings aside', hears: /<connection-timeout / },
    async come(w, _, from) {
      const dialog = await opened(w, way, from)
      await dialog.say(frame(auth('alice'))).expect(/<success/)
      await dialog.say(frame(OPEN)).expect(/<\/stream:features>/)
      return dialog
    },
    drips: Buffer.concat(Array.from({ length: 200 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0]))),
  },
]

const ALL: readonly Loris[] = [
  { ...silent('starttls'), hears: LATE },
  ...(['direct', 'any', 'websocket'] as const).map(silent),
  ...(['direct', 'any', 'websocket'] as const).map(handshake),
  { ...silent('starttls'), about: 'drips a header in plaintext', drips: HEADER.slice(0, -1), hears: LATE },
  { ...silent('any'), about: 'drips a header in plaintext', drips: HEADER.slice(0, -1), hears: LATE },
  ...(['starttls', 'any'] as const).flatMap((way): Loris[] => [
    { way, about: 'asks for STARTTLS and says nothing', come: proceeded },
    { way, about: 'asks for STARTTLS and drips a handshake', come: proceeded, drips: HELLO },
  ]),
  ...streams('starttls'),
  ...streams('direct'),
  ...streams('any'),
  ...webs('any'),
  ...webs('websocket'),
]

test('who never gets to an address is gone in time', { concurrency: true }, async (t) => {
  const world = await outside(t, HOST, { negotiationMs: NEGOTIATION_MS, closeMs: 500 })
  // A core that has SCRAM too, as far as its challenge.
  world.core.play = (session, step, said) => {
    const mechanisms = ['PLAIN', 'SCRAM-SHA-1'].map((mechanism) => `<mechanism>${mechanism}</mechanism>`).join('')
    if (step === 'header') session.greet(`<mechanisms xmlns='${SASL}'>${mechanisms}</mechanisms>`)
    const isScram = step === 'auth' && said !== undefined && parseElement(said).attrs['mechanism'] === 'SCRAM-SHA-1'
    if (isScram)
      session.say(
        `<challenge xmlns='${SASL}'>${Buffer.from('r=abcdef,s=c2FsdHNhbHQ=,i=4096').toString('base64')}</challenge>`,
      )
    return step === 'header' || isScram
  }
  const timers = (): number => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length
  const before = timers()
  await Promise.all(
    ALL.map(({ way, about, come, hears, drips }, n) =>
      t.test(`${way}: one that ${about}`, async () => {
        const from = `127.0.27.${10 + n}`
        const began = performance.now()
        await using dialog = await come(world, way, from)
        const rest = Buffer.from(drips ?? '')
        let dripped = 0
        const drip = setInterval(() => dialog.say(rest.subarray(dripped, (dripped += 1))), 50)
        const heard = await dialog.end().finally(() => clearInterval(drip))
        assert.ok(performance.now() - began > NEGOTIATION_MS - 50, 'too soon')
        if (hears) assert.match(heard, hears)
        else assert.equal(heard, '')
        if (drips !== undefined) assert.ok(dripped > 10 && dripped < rest.length, `${dripped} of ${rest.length}`)
        const told = await world.told(from)
        assert.equal(told.reason, 'SP-430')
        if (hears) assert.equal(told.condition, 'connection-timeout')
      }),
    ),
  )
  await world.empty()
  await eventually(
    () => `${before} timers; there are ${timers()}`,
    () => (timers() <= before ? true : undefined),
  )
})

test('who has an address and says nothing is kept awake, and gone in time; a blank is enough to stay', async (t) => {
  const idleMs = 1500
  const world = await outside(t, '127.0.28.3', { sessionIdleMs: idleMs, keepaliveMs: 300, closeMs: 500 })
  await using awake = await bound(await world.secured('direct', '127.0.27.11'), 'carol')
  await using dialog = await bound(await world.secured('starttls', '127.0.27.10'), 'alice')
  const blanks = setInterval(() => awake.say(' '), 100)
  t.after(() => clearInterval(blanks))
  const heard = await dialog.end()
  assert.match(heard, new RegExp(`^ +${LATE_AGAIN.source.slice(1)}`))
  assert.equal((await world.told('127.0.27.10')).reason, 'SP-822')
  await awake.say("<iq type='get' id='still' to='corp.example'><p xmlns='urn:xmpp:ping'/></iq>").expect(/id='still'/)
  awake.say('</stream:stream>')
  await awake.end()
  await world.empty()
})
