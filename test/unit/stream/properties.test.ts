// Whatever order events come in, neither automaton throws, and neither gets ready without its proof. The walk follows the
// good path and deviates now and then; how often it arrives is counted, so that the test cannot pass by never getting there.

import * as fc from 'fast-check'
import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { initiating } from '../../../src/stream/initiating.ts'
import { receiving } from '../../../src/stream/receiving.ts'
import type { Machine } from '../../../src/stream/types.ts'
import { header, line, type Move, NOT_PROVEN, Play, PROVEN, SASL, SM, TLS } from './play.ts'

const RUNS = 3000
const pair = { local: 'us.test', remote: 'peer.test' }
const condition = "<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"

const DB = "xmlns:db='jabber:server:dialback'"
const DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
const ACCEPTED = `<db:result ${DB} from='peer.test' to='us.test' type='valid'/>`
const JUDGED: Move = {
  kind: 'judged',
  judgement: { valid: true, proven: { pair, method: 'dialback', certificate: undefined } },
}
const DENIED: Move = {
  kind: 'judged',
  judgement: { valid: false, pair, say: 'not-authorized', reason: 'SP-472', detail: '', reference: 'r' },
}

/** Anything that might happen, plausible or not. */
const ANY: readonly Move[] = [
  header(),
  header({ from: 'other.test' }),
  header({ to: 'other.test' }),
  header({ from: undefined }),
  header({ version: undefined }),
  '</stream:stream>',
  `<starttls ${TLS}/>`,
  `<starttls ${TLS}/><message/>`,
  `<proceed ${TLS}/>`,
  `<proceed ${TLS}/><message/>`,
  `<failure ${TLS}/>`,
  `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`,
  `<auth ${SASL} mechanism='EXTERNAL'>b3RoZXIudGVzdA==</auth>`,
  `<auth ${SASL} mechanism='PLAIN'/>`,
  `<abort ${SASL}/>`,
  `<response ${SASL}/>`,
  `<challenge ${SASL}/>`,
  `<success ${SASL}/>`,
  `<failure ${SASL}><not-authorized/></failure>`,
  "<message from='a@peer.test' to='b@us.test'/>",
  "<x xmlns='urn:x'/>",
  '<stream:features/>',
  `<stream:features><starttls ${TLS}/></stream:features>`,
  `<stream:features><sm ${SM}/></stream:features>`,
  `<enable ${SM}/>`,
  `<enabled ${SM}/>`,
  `<failed ${SM}/>`,
  `<r ${SM}/>`,
  `<a ${SM} h='0'/>`,
  `<a ${SM} h='x'/>`,
  `<stream:features><mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`,
  `<stream:error>${condition}</stream:error>`,
  "<bidi xmlns='urn:xmpp:bidi'/>",
  '<!---->',
  '\u0000',
  { kind: 'connected' },
  { kind: 'identified', found: true, detail: '' },
  { kind: 'identified', found: false, detail: '' },
  { kind: 'secured', certificate: true },
  { kind: 'secured', certificate: false },
  { kind: 'verified', verdict: PROVEN },
  { kind: 'verified', verdict: NOT_PROVEN },
  { kind: 'deadline' },
  { kind: 'idle' },
  { kind: 'ended', reason: 'SP-214', detail: '' },
  { kind: 'quit', reason: 'SP-471', detail: '' },
  `<db:result ${DB} from='peer.test' to='us.test'>key</db:result>`,
  ACCEPTED,
  `<db:result ${DB} from='other.test' to='us.test' type='valid'/>`,
  `<db:result ${DB} from='peer.test' to='us.test' type='error'/>`,
  `<db:verify ${DB} from='peer.test' to='us.test' id='x'>key</db:verify>`,
  `<db:verify ${DB} from='peer.test' to='us.test' id='x' type='valid'/>`,
  `<stream:features>${DIALBACK}</stream:features>`,
  JUDGED,
  DENIED,
  { kind: 'fault', condition: 'not-well-formed', reason: 'SP-401', detail: '' },
]

/** Nothing is read in these phases: an effect is in progress. */
const HELD: ReadonlySet<string> = new Set(['connecting', 'preparing', 'upgrading', 'verifying'])

interface Side {
  readonly make: () => Machine
  readonly path: readonly Move[]
  /** Effects and moves one list of which must have come before `ready`, in this order. */
  readonly proofs: readonly (readonly string[])[]
  /** What keeps the side from a proof when it is missing. */
  readonly lacks: (move: Move) => boolean
}

const EXTERNAL_IN = ['start-tls us.test peer.test', 'secured', 'verify us.test peer.test', 'proven', 'send success']
const EXTERNAL_OUT = [...EXTERNAL_IN.slice(0, 4), 'send auth', 'success']
const isVerified = (move: Move): boolean => typeof move !== 'string' && move.kind === 'verified'
const isTold = (move: Move): boolean => claim(move) === 'success' || claim(move) === 'accepted'

const SIDES: Readonly<Record<string, Side>> = {
  receiving: {
    make: () => receiving({ opens: () => undefined, admits: () => undefined, bidi: true }, 3),
    path: [
      header(),
      `<starttls ${TLS}/>`,
      { kind: 'identified', found: true, detail: '' },
      { kind: 'secured', certificate: true },
      header(),
      { kind: 'verified', verdict: PROVEN },
      `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`,
      header(),
    ],
    proofs: [EXTERNAL_IN],
    lacks: isVerified,
  },
  initiating: {
    make: () => initiating({ pair, bidi: true }),
    path: [
      { kind: 'connected' },
      header(),
      `<stream:features><starttls ${TLS}/></stream:features>`,
      `<proceed ${TLS}/>`,
      { kind: 'secured', certificate: true },
      { kind: 'verified', verdict: PROVEN },
      header(),
      `<stream:features><mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`,
      `<success ${SASL}/>`,
      header(),
      '<stream:features/>',
    ],
    proofs: [EXTERNAL_OUT],
    lacks: isVerified,
  },
  'receiving by dialback': {
    make: () =>
      receiving(
        {
          opens: () => undefined,
          admits: () => undefined,
          dialback: () => ({ offered: () => true, vouches: () => 'invalid' }),
        },
        3,
      ),
    path: [
      header(),
      `<starttls ${TLS}/>`,
      { kind: 'identified', found: true, detail: '' },
      { kind: 'secured', certificate: true },
      header(),
      { kind: 'verified', verdict: NOT_PROVEN },
      `<db:result ${DB} from='peer.test' to='us.test'>key</db:result>`,
      JUDGED,
    ],
    proofs: [EXTERNAL_IN, ['start-tls us.test peer.test', 'secured', 'judge us.test peer.test key', 'judged']],
    lacks: (move) => isVerified(move) || claim(move) === 'judged',
  },
  'initiating by dialback': {
    make: () => initiating({ pair, dialback: { key: (id) => `key for ${id}` } }),
    path: [
      { kind: 'connected' },
      header(),
      `<stream:features><starttls ${TLS}/></stream:features>`,
      `<proceed ${TLS}/>`,
      { kind: 'secured', certificate: true },
      { kind: 'verified', verdict: NOT_PROVEN },
      header({ id: 'x' }),
      `<stream:features>${DIALBACK}</stream:features>`,
      ACCEPTED,
    ],
    proofs: [
      ['start-tls us.test peer.test', 'secured', 'send auth', 'success'],
      ['start-tls us.test peer.test', 'secured', 'send db:result', 'accepted'],
    ],
    lacks: isTold,
  },
}

/** What a move contributes to the proof, on the peer's side of things. */
function claim(move: Move): string | undefined {
  if (typeof move === 'string') {
    if (move.startsWith('<success')) return 'success'
    return move === ACCEPTED ? 'accepted' : undefined
  }
  if (move.kind === 'judged' && move.judgement.valid) return 'judged'
  if (move.kind === 'secured' && move.certificate) return 'secured'
  if (move.kind === 'verified' && move.verdict.proven) return 'proven'
  return undefined
}

const contains = (log: readonly string[], proof: readonly string[]): boolean => {
  let at = 0
  for (const entry of log) if (entry === proof[at]) at += 1
  return at === proof.length
}

for (const [name, { make, path, proofs, lacks }] of Object.entries(SIDES)) {
  test(`${name}: any order of events ends well, and nothing is ready without proof`, () => {
    let ready = 0
    let closedLate = 0
    // -1: the next move of the good path; otherwise one of all moves.
    const choice = fc.oneof(
      { weight: 24, arbitrary: fc.constant(-1) },
      { weight: 1, arbitrary: fc.nat(ANY.length - 1) },
    )
    const walk = fc.property(fc.array(choice, { minLength: path.length, maxLength: path.length + 6 }), (choices) => {
      const play = new Play(make())
      const log: string[] = []
      let at = 0
      let closed = false
      for (const chosen of choices) {
        const move = chosen === -1 ? path[at++] : ANY[chosen]
        if (move === undefined) break
        const said = claim(move)
        if (said) log.push(said)
        const effects = play.effects(move)
        if (closed) equal(effects.length, 0, 'nothing happens to a closed stream')
        const end = effects.findIndex(({ kind }) => kind === 'close')
        if (end !== -1) {
          equal(end, effects.length - 1, 'close is the last effect')
          equal(play.machine.phase, 'closed')
          closed = true
          if (at >= path.length / 2) closedLate += 1
        }
        log.push(...effects.map(line))
        if (effects.some(({ kind }) => kind === 'ready')) {
          ready += 1
          ok(
            proofs.some((proof) => contains(log, proof)),
            `ready without proof:\n${log.join('\n')}`,
          )
        }
      }
    })
    fc.assert(walk, { numRuns: RUNS, seed: 1 })
    ok(ready > RUNS / 4, `ready was reached ${ready} times`)
    ok(closedLate > RUNS / 20, `a stream was closed on the second half of the path ${closedLate} times`)
  })

  test(`${name}: without proof it is never ready, whatever comes`, () => {
    const hopeless = ANY.filter((move) => !lacks(move) && (typeof move === 'string' || move.kind !== 'quit'))
    let late = 0
    const walk = fc.property(
      fc.array(fc.nat(hopeless.length - 1), { maxLength: 30 }),
      fc.nat(path.length),
      (choices, upTo) => {
        const play = new Play(make())
        const start = path
          .slice(0, upTo)
          .flatMap((move): Move[] =>
            isVerified(move) ? [{ kind: 'verified', verdict: NOT_PROVEN }] : lacks(move) ? [] : [move],
          )
        for (const move of [...start, ...choices.flatMap((n) => hopeless[n] ?? [])]) {
          play.effects(move)
          if (play.machine.phase === 'verifying' || play.machine.phase === 'claiming') late += 1
          ok(play.machine.phase !== 'ready')
        }
      },
    )
    fc.assert(walk, { numRuns: RUNS, seed: 2 })
    ok(late > RUNS / 4, `the proof was asked for ${late} times`)
  })

  test(`${name}: every phase answers every event`, () => {
    for (let upTo = 0; upTo <= path.length; upTo++) {
      for (const move of ANY) {
        const play = new Play(make())
        for (const earlier of path.slice(0, upTo)) play.effects(earlier)
        if (typeof move === 'string' && HELD.has(play.machine.phase)) continue
        const effects = play.effects(move).map(line)
        ok(
          !effects.join(' ').includes('SP-491') || typeof move !== 'string',
          `${JSON.stringify(move)} is no bug of ours: ${effects.join(' ')}`,
        )
      }
    }
  })
}
