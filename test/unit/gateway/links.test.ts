import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Leg } from '../../../src/gateway/leg.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import { Links } from '../../../src/gateway/links/links.ts'
import type { Pair } from '../../../src/stream/types.ts'

interface FakeLink {
  readonly leg: Leg
  readonly pair: Pair
  quiet: boolean
  idle: boolean
  usedAt: number
  quieted?: () => Promise<void>
}

function bench(limit: number) {
  const retired: string[] = []
  const made: FakeLink[] = []
  const after: (Promise<void> | undefined)[] = []
  const links = new Links(
    () => limit,
    (leg, pair, gone) => {
      after.push(gone)
      const link: FakeLink = { leg, pair, quiet: true, idle: true, usedAt: made.length }
      made.push(link)
      return link as unknown as Link
    },
    (link) => retired.push(link.pair.remote),
  )
  return { links, made, retired, after }
}

test('a pair has one link per leg', () => {
  const { links } = bench(10)
  const link = links.get('partner', 'corp.example', 'partner.example')
  assert.equal(links.get('partner', 'corp.example', 'partner.example'), link)
  assert.notEqual(links.get('core', 'corp.example', 'partner.example'), link)
  assert.notEqual(links.get('partner', 'partner.example', 'corp.example'), link)
  assert.equal(links.size, 3)
})

test('when all places are taken, the least recently used quiet link gives way', () => {
  const { links, made, retired } = bench(2)
  links.get('partner', 'corp.example', 'a.example')
  links.get('partner', 'corp.example', 'b.example')
  made[0]!.quiet = false
  assert.ok(links.get('partner', 'corp.example', 'c.example'))
  assert.deepEqual(retired, ['b.example'])
  made[2]!.quiet = false
  assert.equal(links.get('partner', 'corp.example', 'd.example'), undefined)
  assert.equal(links.size, 2)
})

test('links that were idle for long are forgotten, those in use are not', () => {
  const { links, made } = bench(10)
  for (const name of ['a', 'b', 'c']) links.get('partner', 'corp.example', `${name}.example`)
  made[1]!.idle = false
  assert.equal(links.sweep(2), 1)
  assert.deepEqual(
    [...links.all()].map((link) => link.pair.remote),
    ['b.example', 'c.example'],
  )
})

test('a link for a pair whose last one still has a connection is told when that is gone', async () => {
  const { links, made, after } = bench(10)
  const first = links.get('partner', 'corp.example', 'a.example')
  const { promise, resolve } = Promise.withResolvers<void>()
  Object.assign(made[0]!, { quiet: false, quieted: () => promise })
  links.forget(first!)
  links.get('partner', 'corp.example', 'a.example')
  assert.ok(after[1])
  assert.equal(links.busy().length, 1)
  resolve()
  await after[1]
  assert.equal(links.busy().length, 0)
  links.forget(made[1] as unknown as Link)
  links.get('partner', 'corp.example', 'a.example')
  assert.equal(after[2], undefined)
})

test('closed links make no new one', () => {
  const { links } = bench(10)
  const known = links.get('partner', 'corp.example', 'a.example')
  links.close()
  assert.equal(links.get('partner', 'corp.example', 'a.example'), known)
  assert.equal(links.get('partner', 'corp.example', 'b.example'), undefined)
})
