import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { isStreamCondition } from '../../../src/xmpp/conditions.ts'
import { HOSTILE_STANZA_BYTES, hostileCases, hostileCores, hostileServers } from '../../support/hostile.ts'
import { endOf, eventsEveryWay, HEADER } from './feed.ts'

const FOLDERS = [
  ['.', hostileCases(), 190],
  ['servers', hostileServers(), 100],
  ['cores', hostileCores(), 30],
] as const

const ANSWERS = /^(?:close|offers|success|(?:sasl|stanza|stanza-apart|dialback):[a-z-]+)$/
/** Phases in which a header has been read already. */
const WITHIN: ReadonlySet<string> = new Set(['ready', 'one-way', 'asked', 'proceeding', 'authenticating', 'handshake'])
const AUTHENTICATED: ReadonlySet<string> = new Set(['ready', 'one-way', 'asked'])
/** Elements after which a stream begins anew, or reads nothing more: what follows is not for this scanner. */
const TURNS: ReadonlySet<string> = new Set(['starttls', 'proceed', 'success', 'failure'])

for (const [folder, cases, least] of FOLDERS) {
  test(`every hostile file has an expectation, and every expectation its file, in ${folder}`, () => {
    const base = new URL(`../../cases/hostile/${folder}/`, import.meta.url)
    const files = readdirSync(base).filter((file) => file.endsWith('.xml'))
    assert.deepEqual(new Set(files), new Set(cases.map(({ name }) => `${name}.xml`)))
    assert.ok(files.length >= least)
    for (const { name, condition, on = {} } of cases) {
      for (const one of [condition, ...Object.values(on)]) assert.ok(ANSWERS.test(one) || isStreamCondition(one), name)
    }
  })

  describe(`the scanner ends with its condition, or finds nothing wrong, in ${folder}:`, () => {
    for (const { name, phase, condition, by, bytes } of cases) {
      test(name, () => {
        const ready = AUTHENTICATED.has(phase)
        const limits = ready ? { ...AFTER_AUTHENTICATION, stanzaBytes: HOSTILE_STANZA_BYTES } : BEFORE_AUTHENTICATION
        const events = eventsEveryWay(Buffer.concat([Buffer.from(WITHIN.has(phase) ? HEADER : ''), bytes]), limits)
        const turn = events.findIndex((event) => event.kind === 'frame' && TURNS.has(event.frame.name))
        const end = endOf(turn < 0 || ready ? events : events.slice(0, turn + 1))
        if (by === 'scanner' && turn < 0) assert.equal(end, condition)
        else assert.ok(end === 'open' || end === 'footer', `the scanner ends with ${end}`)
      })
    }
  })
}
