// Large tables are worked on in slices.

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import { PresenceLedger } from '../../../src/gateway/ledgers/presence-ledger.ts'
import { Slices } from '../../../src/gateway/ledgers/slices.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'

/** Work of so many steps, which writes down the last. */
function* work(name: string, steps: number, done: string[]): Iterable<unknown> {
  for (let n = 0; n < steps; n++) yield n
  done.push(name)
}

test('what is small is done at once, what is large in slices, and one after the other', () => {
  const slices = new Slices()
  const done: string[] = []
  slices.begin(work('small', 100, done))
  assert.deepEqual(done, ['small'])
  slices.begin(work('large', 10_000, done))
  slices.begin(work('next', 1, done))
  assert.deepEqual(done, ['small'])
  assert.equal(slices.next(), true)
  assert.deepEqual(done, ['small'])
  assert.equal(slices.next(), false)
  assert.deepEqual(done, ['small', 'large', 'next'])
  slices.begin(work('more', 50_000, done))
  slices.begin(work('last', 1, done))
  slices.finish()
  assert.deepEqual(done.slice(3), ['more', 'last'])
})

const PEER = { leg: 'partner', domain: 'p.example' } as const
const MANY = 20_000
/** No round may turn more of them than this. */
const MOST = 5000

/** A ledger with many presences of one partner's people, each seen by somebody else. */
function bench(t: { after(fn: () => void): void }) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const said: string[] = []
  const told: (readonly [string, number])[] = []
  const now = { reachable: true }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of a house that presence asks for
  const house = {
    isOurs: (domain: string) => domain === 'corp.example',
    whom: { towards: () => undefined },
    settings: { limits: { presences: 200_000, peerReturnMs: 30_000, queueStanzas: 1000 } },
    partners: { find: () => undefined, terms: () => undefined },
  } as unknown as House
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of a link that presence uses
  const link = { waiting: 0, send: ({ bytes }: { bytes: Buffer }) => said.push(bytes.toString()) } as unknown as Link
  const ledger = new PresenceLedger({
    house: () => house,
    ways: { back: () => link },
    journal: {
      takenBack: ({ contacts }) => told.push(['taken back', contacts]),
      askedAgain: (_leg, _domain, count) => told.push(['asked', count]),
      bug: (error) => assert.fail(String(error)),
    },
    reachable: () => now.reachable,
    behind: () => [],
    reference: () => 'r',
    now: () => 0,
  })
  t.after(() => ledger[Symbol.dispose]())
  for (let n = 0; n < MANY; n++) {
    const read = parseFragment(`<presence from='u${n}@p.example/r' to='v@corp.example'/>`)
    assert.ok(read.ok)
    ledger.crossed(read.frame)
  }
  /** Rounds until nothing is left to do; the most that one of them has turned. */
  const rounds = (): number => {
    let most = 0
    for (let quiet = 0; quiet < 3;) {
      const [due, words] = [ledger.figures.due, said.length]
      mock.timers.tick(50)
      const turned = Math.abs(ledger.figures.due - due) + said.length - words
      most = Math.max(most, turned)
      quiet = turned === 0 ? quiet + 1 : 0
    }
    return most
  }
  return { ledger, said, told, now, rounds }
}

test('a peer that is back is asked for everybody it showed, and no round takes long', (t) => {
  const { ledger, said, rounds } = bench(t)
  ledger.makeSure(PEER)
  ledger.recover(PEER)
  assert.ok(ledger.figures.due > 0 && ledger.figures.due <= MOST, `${ledger.figures.due}`)
  assert.ok(rounds() <= MOST)
  assert.equal(new Set(said).size, MANY)
  assert.ok(said.every((one) => one.startsWith("<presence type='probe'")))
})

test('a peer that is lost, and back before all was said about it, is taken back and asked for in that order', (t) => {
  const { ledger, said, told, now, rounds } = bench(t)
  now.reachable = false
  ledger.lost(PEER, 'SP-522')
  ledger.recover(PEER)
  assert.ok(ledger.figures.due <= MOST)
  now.reachable = true
  assert.ok(rounds() <= MOST)
  assert.deepEqual(told[0], ['taken back', MANY])
  const [gone, asked] = ['unavailable', 'probe'].map((type) => said.filter((one) => one.includes(`type='${type}'`)))
  assert.deepEqual([new Set(gone).size, new Set(asked).size], [MANY, MANY])
  assert.equal(ledger.figures.due, 0)
})

test('a peer that is no longer admitted is taken back at once, whatever is under way', (t) => {
  const { ledger, told } = bench(t)
  ledger.makeSure(PEER)
  ledger.dismissed(PEER, 'SP-102')
  assert.deepEqual(told, [['taken back', MANY]])
  assert.equal(ledger.figures.due, MANY)
  assert.equal(ledger.concerns({ leg: 'partner', domain: 'other.example' }), false)
  assert.deepEqual([...ledger.outside()], ['p.example'])
})
