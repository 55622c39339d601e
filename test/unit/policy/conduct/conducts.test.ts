import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConductState } from '../../../../src/policy/conduct/conduct.ts'
import {
  type ConductBounds,
  type ConductChanges,
  type ConductMove,
  Conducts,
  WHILE_MS,
} from '../../../../src/policy/conduct/conducts.ts'

const HOUR = 3_600_000
const LISTED = 'listed.example'
const BOUNDS: ConductBounds = {
  ...{ halfLifeMs: HOUR, most: 10 },
  isListed: (domain) => domain === LISTED,
  standing: (domain) => domain,
}
/** By clocks that nobody sets. */
const turn = (conducts: Conducts, now: number): readonly ConductMove[] => conducts.turn({ now, steady: now }, BOUNDS)
const of = (conducts: Conducts, domain: string, isListed = false) => conducts.of(domain, domain, isListed)
const words = ({ domain, from, to, how, counts }: ConductMove): string =>
  `${domain} ${from} ${to} ${how}${counts ? '' : ' told'}`

/** It misbehaves in each of so many whiles. */
function misbehave(conducts: Conducts, domain: string, whiles: number, from = 0): readonly string[] {
  const moves: string[] = []
  for (let one = 1; one <= whiles; one++) {
    conducts.tally(domain).violations += 2
    moves.push(...turn(conducts, from + one * WHILE_MS).map(words))
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
  assert.equal(of(conducts, 'x.example'), 'blocked')
  const back: string[] = []
  for (let at = HOUR / 2; at < 12 * HOUR; at += WHILE_MS) back.push(...turn(conducts, at).map(words))
  assert.deepEqual(back, [
    'x.example blocked watch time',
    'x.example watch limited time',
    'x.example limited normal time',
  ])
  assert.deepEqual([of(conducts, 'x.example'), conducts.find('x.example')], ['normal', undefined])
})

test('who has an entry is told of, no worse than watch, and nothing follows', () => {
  const conducts = new Conducts()
  assert.deepEqual(misbehave(conducts, LISTED, 9), [
    `${LISTED} normal limited behaviour told`,
    `${LISTED} limited watch behaviour told`,
  ])
  assert.equal(of(conducts, LISTED, true), 'normal')
})

test('what is said by hand counts for everybody, is over when it is, and can be taken back', () => {
  const conducts = new Conducts()
  const held = { state: 'blocked', at: 0, until: HOUR, by: 'anna', why: 'spam' } as const
  assert.equal(words(conducts.hold(LISTED, held, 0, BOUNDS)), `${LISTED} normal blocked hand`)
  assert.equal(of(conducts, LISTED, true), 'blocked')
  assert.deepEqual(turn(conducts, HOUR - 1), [])
  assert.deepEqual(turn(conducts, 2 * HOUR).map(words), [`${LISTED} blocked normal hand`])
  assert.equal(of(conducts, LISTED, true), 'normal')
  conducts.hold(LISTED, { ...held, until: undefined }, 3 * HOUR, BOUNDS)
  assert.equal(of(conducts, LISTED, true), 'blocked')
  conducts.hold(LISTED, undefined, 3 * HOUR, BOUNDS, { by: 'anna', why: undefined })
  assert.equal(of(conducts, LISTED, true), 'normal')
})

test('who says that all is well says so of the past too, and it holds whatever comes', () => {
  const conducts = new Conducts()
  misbehave(conducts, 'x.example', 4)
  conducts.hold('x.example', { state: 'normal', at: HOUR, until: undefined, by: 'anna', why: undefined }, HOUR, BOUNDS)
  assert.deepEqual([of(conducts, 'x.example'), conducts.find('x.example')?.points], ['normal', {}])
  assert.deepEqual(misbehave(conducts, 'x.example', 5, HOUR), [], 'what is said holds')
  assert.equal(of(conducts, 'x.example'), 'normal')
})

test('whatever counts has another version, so that nothing holds that was worked out before', () => {
  const conducts = new Conducts()
  const version = conducts.version
  misbehave(conducts, 'x.example', 1)
  assert.notEqual(conducts.version, version)
  const { version: then } = conducts
  turn(conducts, 10 * WHILE_MS)
  assert.equal(conducts.version, then, 'nothing moved')
})

test('what is said by hand is said of a name and all below it, whatever entry covers it', () => {
  const conducts = new Conducts()
  const say = (name: string, state: ConductState | undefined): unknown =>
    conducts.hold(name, state && { state, at: 0, until: undefined, by: 'anna', why: undefined }, 0, {
      ...BOUNDS,
      standing: (domain) => (domain.endsWith('labs.example') ? 'labs.example' : domain),
    })
  say('noisy.labs.example', 'blocked')
  const now = (domain: string, isListed: boolean): ConductState => conducts.of(domain, 'labs.example', isListed)
  for (const isListed of [false, true]) {
    assert.equal(now('noisy.labs.example', isListed), 'blocked', 'with an entry and without')
    assert.equal(now('x.noisy.labs.example', isListed), 'blocked')
    for (const other of ['labs.example', 'quiet.labs.example', 'verynoisy.labs.example'])
      assert.equal(now(other, isListed), 'normal', other)
  }
  say('x.noisy.labs.example', 'limited')
  assert.deepEqual(
    ['y.x.noisy.labs.example', 'z.noisy.labs.example'].map((name) => now(name, true)),
    ['limited', 'blocked'],
    'the longer name counts before',
  )
  const again = new Conducts()
  const kept: ConductChanges[] = []
  conducts.flush((changes) => kept.push(changes) > 0)
  again.recall(kept[0]?.changed ?? [], 0)
  assert.equal(again.of('noisy.labs.example', 'labs.example', true), 'blocked', 'after a restart')
  assert.equal(
    again.words('y.x.noisy.labs.example', 'labs.example', true),
    'limited, as anna has said of x.noisy.labs.example and all names below it',
  )
  say('noisy.labs.example', undefined)
  assert.equal(now('noisy.labs.example', true), 'normal')
  assert.equal(now('x.noisy.labs.example', true), 'limited')
})

test('where there is no room, those of whom less has to be remembered go, and no newcomer takes the place of a worse one', () => {
  const conducts = new Conducts()
  const once = (domain: string, violations: number): void => void (conducts.tally(domain).violations += violations)
  for (let one = 0; one < 5; one++) once(`bad${one}.example`, 2)
  for (let one = 0; one < 5; one++) conducts.tally(`idle${one}.example`).overRecipients = one + 1
  turn(conducts, WHILE_MS)
  const names = (): readonly string[] =>
    conducts
      .all()
      .map(({ domain }) => domain.replace('.example', ''))
      .toSorted()
  const bad = ['bad0', 'bad1', 'bad2', 'bad3', 'bad4']
  assert.deepEqual(names(), [...bad, 'idle0', 'idle1', 'idle2', 'idle3', 'idle4'])
  for (let one = 0; one < 50; one++) conducts.tally(`new${one}.example`).overRecipients = one < 2 ? 4 : 1
  turn(conducts, 2 * WHILE_MS)
  assert.deepEqual(names(), [...bad, 'idle2', 'idle3', 'idle4', 'new0', 'new1'], 'the fewest points first')
  for (let one = 0; one < 50; one++) once(`worse${one}.example`, 1)
  turn(conducts, 3 * WHILE_MS)
  assert.deepEqual(
    names().filter((name) => !name.startsWith('worse')),
    bad,
    'who is not normal stays',
  )
  assert.equal(conducts.all().length, 10)
})

test('a clock that is set ahead ends nothing, and one that is set back makes nothing last', () => {
  for (const jump of [400 * 24 * HOUR, -400 * 24 * HOUR]) {
    const conducts = new Conducts()
    misbehave(conducts, 'x.example', 4, 500 * 24 * HOUR)
    const start = 500 * 24 * HOUR + 5 * WHILE_MS
    const held = { state: 'watch', at: start, until: start + HOUR, by: 'anna', why: undefined } as const
    conducts.hold('said.example', held, start, BOUNDS)
    const at = (steady: number): readonly string[] =>
      conducts.turn({ now: start + jump + steady, steady: start + steady }, BOUNDS).map(words)
    assert.deepEqual([...turn(conducts, start), ...at(WHILE_MS)], [], `${jump}`)
    assert.deepEqual([of(conducts, 'x.example'), of(conducts, 'said.example')], ['blocked', 'watch'])
    const moves: string[] = []
    for (let steady = 2 * WHILE_MS; steady < 12 * HOUR; steady += WHILE_MS) moves.push(...at(steady))
    assert.deepEqual(moves, [
      'said.example watch normal hand',
      'x.example blocked watch time',
      'x.example watch limited time',
      'x.example limited normal time',
    ])
  }
})

test('what was kept under a clock that was ahead is as old as can be, and passes', () => {
  const conducts = new Conducts()
  const late = 400 * 24 * HOUR
  const kept = {
    domain: 'x.example',
    state: 'blocked',
    since: late - HOUR,
    at: late,
    points: { rate: 70 },
    held: undefined,
  } as const
  conducts.recall([kept], 0)
  assert.deepEqual([conducts.find('x.example')?.at, conducts.find('x.example')?.since], [0, -HOUR])
  turn(conducts, 12 * HOUR)
  assert.equal(of(conducts, 'x.example'), 'normal')
})

test('where there is no room, who has the fewest points goes, and what was said by hand stays', () => {
  const conducts = new Conducts()
  misbehave(conducts, 'worst.example', 4)
  const held = { state: 'limited', at: 0, until: undefined, by: 'anna', why: undefined } as const
  conducts.hold('said.example', held, 0, BOUNDS)
  for (let one = 0; one < 50; one++) conducts.tally(`x${one}.example`).overRecipients += 3
  turn(conducts, 5 * WHILE_MS)
  assert.equal(conducts.all().length, 11)
  assert.equal(of(conducts, 'worst.example'), 'blocked')
  assert.equal(of(conducts, 'said.example'), 'limited')
  assert.equal(conducts.pushedOut, 41)
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
  again.recall(kept[1]?.changed ?? [], HOUR)
  assert.equal(of(again, 'x.example'), 'blocked')
  turn(conducts, 100 * HOUR)
  flush()
  assert.deepEqual(kept[2], { changed: [], gone: ['x.example'] })
})
