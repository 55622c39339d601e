import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConductBounds,
  type ConductChanges,
  type ConductMove,
  Conducts,
  WHILE_MS,
} from '../../../../src/policy/conduct/conducts.ts'

const HOUR = 3_600_000
const LISTED = 'listed.example'
const BOUNDS: ConductBounds = { halfLifeMs: HOUR, most: 10, isListed: (domain) => domain === LISTED }
const words = ({ domain, from, to, how, counts }: ConductMove): string =>
  `${domain} ${from} ${to} ${how}${counts ? '' : ' told'}`

/** It misbehaves in each of so many whiles. */
function misbehave(conducts: Conducts, domain: string, whiles: number, from = 0): readonly string[] {
  const moves: string[] = []
  for (let one = 1; one <= whiles; one++) {
    conducts.tally(domain).violations += 2
    moves.push(...conducts.turn(from + one * WHILE_MS, BOUNDS).map(words))
  }
  return moves
}

test('who has no entry goes through the states and back, each move told once', () => {
  const conducts = new Conducts()
  assert.deepEqual(misbehave(conducts, 'x.example', 4), [
    'x.example normal limited behaviour',
    'x.example limited watch behaviour',
    'x.example watch blocked behaviour',
  ])
  assert.equal(conducts.of('x.example', false), 'blocked')
  const back: string[] = []
  for (let at = HOUR / 2; at < 12 * HOUR; at += WHILE_MS) back.push(...conducts.turn(at, BOUNDS).map(words))
  assert.deepEqual(back, [
    'x.example blocked watch time',
    'x.example watch limited time',
    'x.example limited normal time',
  ])
  assert.deepEqual([conducts.of('x.example', false), conducts.find('x.example')], ['normal', undefined])
})

test('who has an entry is told of, no worse than watch, and nothing follows', () => {
  const conducts = new Conducts()
  assert.deepEqual(misbehave(conducts, LISTED, 9), [
    `${LISTED} normal limited behaviour told`,
    `${LISTED} limited watch behaviour told`,
  ])
  assert.equal(conducts.of(LISTED, true), 'normal')
})

test('what is said by hand counts for everybody, is over when it is, and can be taken back', () => {
  const conducts = new Conducts()
  const held = { state: 'blocked', at: 0, until: HOUR, by: 'anna', why: 'spam' } as const
  assert.equal(words(conducts.hold(LISTED, held, 0, BOUNDS)), `${LISTED} normal blocked hand`)
  assert.equal(conducts.of(LISTED, true), 'blocked')
  assert.deepEqual(conducts.turn(HOUR - 1, BOUNDS), [])
  assert.deepEqual(conducts.turn(2 * HOUR, BOUNDS).map(words), [`${LISTED} blocked normal hand`])
  assert.equal(conducts.of(LISTED, true), 'normal')
  conducts.hold(LISTED, { ...held, until: undefined }, 3 * HOUR, BOUNDS)
  assert.equal(conducts.of(LISTED, true), 'blocked')
  conducts.hold(LISTED, undefined, 3 * HOUR, BOUNDS, { by: 'anna', why: undefined })
  assert.equal(conducts.of(LISTED, true), 'normal')
})

test('who says that all is well says so of the past too, and it holds whatever comes', () => {
  const conducts = new Conducts()
  misbehave(conducts, 'x.example', 4)
  conducts.hold('x.example', { state: 'normal', at: HOUR, until: undefined, by: 'anna', why: undefined }, HOUR, BOUNDS)
  assert.deepEqual([conducts.of('x.example', false), conducts.find('x.example')?.points], ['normal', {}])
  assert.deepEqual(misbehave(conducts, 'x.example', 5, HOUR), [], 'what is said holds')
  assert.equal(conducts.of('x.example', false), 'normal')
})

test('whatever counts has another version, so that nothing holds that was worked out before', () => {
  const conducts = new Conducts()
  const version = conducts.version
  misbehave(conducts, 'x.example', 1)
  assert.notEqual(conducts.version, version)
  const { version: then } = conducts
  conducts.turn(10 * WHILE_MS, BOUNDS)
  assert.equal(conducts.version, then, 'nothing moved')
})

test('where there is no room, who has the fewest points goes, and what was said by hand stays', () => {
  const conducts = new Conducts()
  misbehave(conducts, 'worst.example', 4)
  const held = { state: 'limited', at: 0, until: undefined, by: 'anna', why: undefined } as const
  conducts.hold('said.example', held, 0, BOUNDS)
  for (let one = 0; one < 50; one++) conducts.tally(`x${one}.example`).overRecipients += 3
  conducts.turn(5 * WHILE_MS, BOUNDS)
  assert.equal(conducts.all().length, 10)
  assert.equal(conducts.of('worst.example', false), 'blocked')
  assert.equal(conducts.of('said.example', false), 'limited')
  assert.equal(conducts.pushedOut, 42)
})

test('what has changed is written, again where it failed, and is known again after a restart', () => {
  const conducts = new Conducts()
  const kept: ConductChanges[] = []
  const flush = (works = true): void =>
    conducts.flush((changes) => {
      kept.push(changes)
      return works
    })
  misbehave(conducts, 'x.example', 4)
  flush(false)
  flush()
  flush()
  assert.equal(kept.length, 2)
  const again = new Conducts()
  again.recall(kept[1]?.changed ?? [])
  assert.equal(again.of('x.example', false), 'blocked')
  conducts.turn(100 * HOUR, BOUNDS)
  flush()
  assert.deepEqual(kept[2], { changed: [], gone: ['x.example'] })
})
