// Dialback as both automata do it (XEP-0220): what is claimed, asked and answered, and what is nobody's answer.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MOST_PENDING, MOST_PROVEN } from '../../../src/stream/claims.ts'
import { initiating, type InitiatingDialback } from '../../../src/stream/initiating.ts'
import { receiving } from '../../../src/stream/receiving.ts'
import type { Judgement, Pair, ProofMethod, ReceivingRules, StreamEvent } from '../../../src/stream/types.ts'
import { CERTIFICATE, header, type Move, NOT_PROVEN, Play, PROVEN, SASL, TLS } from './play.ts'

const pair: Pair = { local: 'us.test', remote: 'peer.test' }
const RULES: ReceivingRules = {
  opens: () => undefined,
  admits: () => undefined,
  bidi: true,
  dialback: () => ({
    offered: () => true,
    vouches: ({ pair: { local }, key }) =>
      local !== 'us.test' ? 'item-not-found' : key === 'genuine' ? 'valid' : 'invalid',
  }),
}

const NS = "xmlns:db='jabber:server:dialback'"
const result = (attributes = "from='peer.test' to='us.test'", inner = 'key'): string =>
  `<db:result ${NS} ${attributes}>${inner}</db:result>`
const verify = (attributes = "from='peer.test' to='us.test' id='s1'", inner = 'genuine'): string =>
  `<db:verify ${NS} ${attributes}>${inner}</db:verify>`
const from = (remote: string): string => result(`from='${remote}' to='us.test'`)
const valid = (remote = 'peer.test', method: ProofMethod = 'dialback'): StreamEvent => {
  const certificate = method === 'certificate' ? CERTIFICATE : undefined
  return {
    kind: 'judged',
    judgement: { valid: true, proven: { pair: { local: 'us.test', remote }, method, certificate } },
  }
}
const refused = (
  say: Extract<Judgement, { valid: false }>['say'] = 'not-authorized',
  remote = 'peer.test',
): StreamEvent => ({
  kind: 'judged',
  judgement: {
    ...{ valid: false, pair: { local: 'us.test', remote }, say },
    ...{ reason: 'SP-472', detail: 'why', reference: 'aaaa-bbbb-cccc' },
  },
})

const BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"

const TO_TLS: readonly Move[] = [
  header(),
  `<starttls ${TLS}/>`,
  { kind: 'identified', found: true, detail: '' },
  { kind: 'secured', certificate: true },
  header(),
]
const DOUBTED: readonly Move[] = [...TO_TLS, { kind: 'verified', verdict: NOT_PROVEN }]
const BELIEVED: readonly Move[] = [...TO_TLS, { kind: 'verified', verdict: PROVEN }]
const EXTERNAL: readonly Move[] = [...BELIEVED, `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`, header()]
const READY: readonly Move[] = [...DOUBTED, result(), valid()]

const receive = (moves: readonly Move[], rules = RULES): string[] => new Play(receiving(rules, 3)).say(...moves)

describe('the receiving side', () => {
  const ANSWER = 'send db:result'
  const ERROR = (condition: string): string => `send db:result error ${condition}`
  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    [
      'offers it where the certificate proves nothing',
      DOUBTED,
      ['header us.test→peer.test', 'send stream:features dialback errors'],
    ],
    [
      'offers it beside EXTERNAL where the certificate proves the name',
      BELIEVED,
      ['header us.test→peer.test', 'send stream:features mechanisms mechanism bidi dialback errors'],
    ],
    [
      'offers it to whoever shows no certificate',
      [...TO_TLS.slice(0, 3), { kind: 'secured', certificate: false }, header()],
      ['header us.test→peer.test', 'send stream:features dialback errors'],
    ],
    [
      'offers it after SASL too, for further pairs',
      EXTERNAL,
      ['header us.test→peer.test', 'send stream:features dialback errors sm', 'ready us.test peer.test'],
    ],
    ['has a claim judged', [...DOUBTED, result()], ['judge us.test peer.test key']],
    [
      'knows the element by its namespace, whatever the prefix',
      [...DOUBTED, "<x:result xmlns:x='jabber:server:dialback' from='peer.test' to='us.test'> key\n</x:result>"],
      ['judge us.test peer.test key'],
    ],
    [
      'knows it without a prefix',
      [...DOUBTED, "<result xmlns='jabber:server:dialback' from='PEER.test' to='us.test.'>key</result>"],
      ['judge us.test peer.test key'],
    ],
    [
      'has a claim of another domain than the header’s judged',
      [...DOUBTED, from('b.test')],
      ['judge us.test b.test key'],
    ],
    ['is ready with the first valid claim', READY, [ANSWER, 'ready us.test peer.test dialback']],
    [
      'says by which proof',
      [...DOUBTED, result(), valid('peer.test', 'certificate')],
      [ANSWER, 'ready us.test peer.test'],
    ],
    [
      'adds a pair to a ready stream',
      [...READY, from('b.test'), valid('b.test')],
      [ANSWER, 'proven us.test b.test dialback'],
    ],
    [
      'adds a pair to a stream that is ready by EXTERNAL',
      [...EXTERNAL, from('b.test'), valid('b.test', 'certificate')],
      [ANSWER, 'proven us.test b.test'],
    ],
    ['says again what is proven already', [...READY, result()], [ANSWER]],
    ['lives on after a refusal', [...DOUBTED, result(), refused(), from('b.test')], ['judge us.test b.test key']],
    ['says why not, and the reference', [...DOUBTED, result(), refused()], [ERROR('not-authorized text')]],
    [
      'closes for a false key when nothing else is on the stream',
      [...DOUBTED, result(), refused('invalid')],
      [ANSWER, 'close SP-472 policy-violation'],
    ],
    [
      'keeps a ready stream with a false key',
      [...READY, from('b.test'), refused('invalid', 'b.test')],
      [ERROR('forbidden text')],
    ],
    [
      'keeps a stream whose other claim is not decided',
      [...DOUBTED, result(), from('b.test'), refused('invalid', 'b.test')],
      [ERROR('forbidden text')],
    ],
    ['answers the same claim while it is judged', [...DOUBTED, result(), result()], [ERROR('resource-constraint')]],
    [
      'judges only so many claims at a time',
      [...DOUBTED, ...Array.from({ length: MOST_PENDING + 1 }, (_, n) => from(`d${n}.test`))],
      [ERROR('resource-constraint')],
    ],
    [
      'and takes further ones when they are decided',
      [
        ...DOUBTED,
        ...Array.from({ length: MOST_PENDING }, (_, n) => from(`d${n}.test`)),
        valid('d0.test'),
        from('e.test'),
      ],
      ['judge us.test e.test key'],
    ],
    [
      'carries only so many pairs',
      [
        ...DOUBTED,
        ...Array.from({ length: MOST_PROVEN }, (_, n) => [from(`d${n}.test`), valid(`d${n}.test`)]).flat(),
        from('e.test'),
      ],
      [ERROR('resource-constraint')],
    ],
    [
      'takes no SASL while a claim is judged',
      [...BELIEVED, result(), `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`],
      ['close SP-426 not-authorized'],
    ],
    ['takes no claim before TLS', [header(), result()], ['close SP-426 not-authorized']],
    ['takes no question before TLS', [header(), verify()], ['close SP-426 not-authorized']],
    ['takes no stanza while a claim is judged', [...DOUBTED, result(), '<message/>'], ['close SP-426 not-authorized']],
    ['takes no <starttls/> after TLS', [...DOUBTED, `<starttls ${TLS}/>`], ['close SP-426 not-authorized']],
    [
      'takes no answer for a claim',
      [...DOUBTED, result("from='peer.test' to='us.test' type='valid'", '')],
      ['close SP-476 not-authorized'],
    ],
    [
      'takes no answer on a ready stream',
      [...READY, result("from='b.test' to='us.test' type='valid'", '')],
      ['close SP-476 not-authorized'],
    ],
    [
      'takes no answer for a question',
      [...DOUBTED, verify("from='peer.test' to='us.test' id='s1' type='valid'", '')],
      ['close SP-476 not-authorized'],
    ],
    ['needs a from', [...DOUBTED, result("to='us.test'")], ['close SP-479 bad-format']],
    ['needs a to', [...DOUBTED, result("from='peer.test'")], ['close SP-479 bad-format']],
    ['needs a key', [...DOUBTED, result(undefined, ' ')], ['close SP-479 bad-format']],
    ['needs a key of reasonable size', [...DOUBTED, result(undefined, 'k'.repeat(513))], ['close SP-479 bad-format']],
    ['needs the id of a question', [...DOUBTED, verify("from='peer.test' to='us.test'")], ['close SP-479 bad-format']],
    [
      'knows no other type',
      [...DOUBTED, result("from='peer.test' to='us.test' type='maybe'")],
      ['close SP-479 bad-format'],
    ],
    ['ends for the doubt when the peer gives up', [...DOUBTED, '</stream:stream>'], ['close SP-301 (footer) by peer']],
    [
      'ends for the last refusal when the peer gives up',
      [...DOUBTED, result(), refused(), '</stream:stream>'],
      ['close SP-472 (footer) by peer'],
    ],
    [
      'ends for the refusal at the deadline, and says that it was late',
      [...DOUBTED, result(), refused(), { kind: 'deadline' }],
      ['close SP-472 connection-timeout'],
    ],
    [
      'ends for what the peer did, where it did something',
      [...DOUBTED, result(), refused(), '<message/>'],
      ['close SP-426 not-authorized'],
    ],
    [
      'ends well when the peer only asked',
      [...DOUBTED, verify(), '</stream:stream>'],
      ['close SP-481 (footer) by peer'],
    ],
    ['offers to go both ways to nobody else', [...DOUBTED, BIDI], ['close SP-492 policy-violation']],
    ['takes no wish to go both ways later', [...READY, BIDI], ['close SP-492 policy-violation']],
    ['does nothing for a judgement while it closes', [...READY, from('b.test'), { kind: 'idle' }, valid('b.test')], []],
  ]
  for (const [what, moves, expected] of table) test(what, () => deepEqual(receive(moves), expected))

  for (const method of ['certificate', 'dialback'] as const) {
    test(`a stream that the peer wants to go both ways does so where a ${method} has proven its name: ${method === 'certificate'}`, () => {
      const play = new Play(receiving(RULES, 3))
      play.say(...BELIEVED, BIDI, result())
      const ready = play.effects(valid('peer.test', method)).find(({ kind }) => kind === 'ready')
      deepEqual(ready?.kind === 'ready' && ready.bidi, method === 'certificate')
    })
  }

  test('without dialback nothing of it is there', () => {
    const { opens, admits } = RULES
    const without: ReceivingRules = { opens, admits }
    deepEqual(receive(DOUBTED, without), ['header us.test→peer.test', 'close SP-301 not-authorized'])
    deepEqual(receive([...BELIEVED, result()], without), ['close SP-426 not-authorized'])
    deepEqual(receive([...EXTERNAL, result()], without), ['close SP-427 unsupported-stanza-type'])
    deepEqual(receive([...EXTERNAL, verify()], without), ['close SP-427 unsupported-stanza-type'])
  })

  test('where it is not offered, a certificate is needed, and is enough for a claim', () => {
    const quiet: ReceivingRules = { ...RULES, dialback: () => ({ offered: () => false, vouches: () => 'invalid' }) }
    deepEqual(receive(DOUBTED, quiet), ['header us.test→peer.test', 'close SP-301 not-authorized'])
    deepEqual(receive(BELIEVED, quiet).at(-1), 'send stream:features mechanisms mechanism bidi')
    deepEqual(receive([...BELIEVED, result()], quiet), ['judge us.test peer.test key'])
  })

  const answers: readonly (readonly [question: string, answer: RegExp])[] = [
    [
      verify(),
      /^<db:verify xmlns:db='jabber:server:dialback' from='us\.test' to='peer\.test' id='s1' type='valid'><\/db:verify>$/,
    ],
    [verify(undefined, 'false'), / type='invalid'>/],
    [
      verify("from='peer.test' to='other.test' id='s1'"),
      / from='other\.test' .*type='error'><error xmlns='jabber:server' type='cancel'><item-not-found /,
    ],
    [verify("from='a.test' to='us.test' id='&lt;&apos;'"), / to='a\.test' id='&lt;&apos;' /],
  ]
  for (const [question, answer] of answers) {
    for (const at of [DOUBTED, BELIEVED, EXTERNAL, READY, [...DOUBTED, result()]]) {
      test(`answers ${question} after ${at.length} moves`, () => {
        const play = new Play(receiving(RULES, 3))
        play.say(...at)
        const [effect] = play.effects(question)
        ok(effect?.kind === 'send')
        match(effect.xml, answer)
        ok(play.machine.phase !== 'closed')
      })
    }
  }
})

describe('the initiating side', () => {
  const KEYS: InitiatingDialback = { key: (id) => `key for ${id}` }
  const features = (...children: readonly string[]): string => `<stream:features>${children.join('')}</stream:features>`
  const MECHANISMS = `<mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms>`
  const DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
  const hello = (id = 'x', more: Readonly<Record<string, string>> = {}): string =>
    header({ from: 'peer.test', to: 'us.test', id, ...more })
  const toTls: readonly Move[] = [
    { kind: 'connected' },
    hello() + features(`<starttls ${TLS}/>`),
    `<proceed ${TLS}/>`,
    { kind: 'secured', certificate: true },
  ]
  const doubted: readonly Move[] = [...toTls, { kind: 'verified', verdict: NOT_PROVEN }]
  const believed: readonly Move[] = [...toTls, { kind: 'verified', verdict: PROVEN }]
  const claiming: readonly Move[] = [...doubted, hello() + features(DIALBACK)]
  const answer = (type: string, attributes = "from='peer.test' to='us.test'", inner = ''): string =>
    result(`${attributes} type='${type}'`, inner)
  const initiate = (moves: readonly Move[], dialback: InitiatingDialback = KEYS): string[] =>
    new Play(initiating({ pair, dialback })).say(...moves)
  const withoutDialback = (moves: readonly Move[]): string[] => new Play(initiating({ pair })).say(...moves)

  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    ['goes on with whom DNS names', doubted, ['header us.test→peer.test']],
    [
      'goes on with a peer that shows no certificate',
      [...toTls.slice(0, 3), { kind: 'secured', certificate: false }],
      ['header us.test→peer.test'],
    ],
    [
      'claims nothing where something else is demanded as well',
      [...doubted, hello() + features(DIALBACK, "<pact xmlns='urn:example:pact'><required/></pact>")],
      ['close SP-437 unsupported-feature'],
    ],
    ['prefers EXTERNAL', [...doubted, hello() + features(DIALBACK, MECHANISMS)], ['send auth']],
    [
      'is ready by EXTERNAL with a peer that only DNS proves',
      [...doubted, hello() + features(MECHANISMS), `<success ${SASL}/>`, hello() + features()],
      ['ready us.test peer.test dialback'],
    ],
    ['claims where EXTERNAL is not offered', claiming, ['send db:result']],
    [
      'claims where only the header tells of dialback',
      [...doubted, hello('x', { 'xmlns:db': 'jabber:server:dialback' }) + features()],
      ['send db:result'],
    ],
    [
      'claims where EXTERNAL was refused',
      [...doubted, hello() + features(DIALBACK, MECHANISMS), `<failure ${SASL}><not-authorized/></failure>`],
      ['send db:result'],
    ],
    ['is ready when the claim is valid', [...claiming, answer('valid')], ['ready us.test peer.test dialback']],
    [
      'keeps the better proof of the peer',
      [...believed, hello() + features(DIALBACK), answer('valid')],
      ['ready us.test peer.test'],
    ],
    ['hears that the key is false', [...claiming, answer('invalid')], ['close SP-477 (footer) by peer']],
    [
      'hears an error',
      [
        ...claiming,
        answer(
          'error',
          undefined,
          "<error xmlns='jabber:server' type='cancel'><x xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        ),
      ],
      ['close SP-478 (footer) by peer'],
    ],
    [
      'takes no answer for another domain of ours',
      [...claiming, answer('valid', "from='peer.test' to='other.test'")],
      ['close SP-476 not-authorized'],
    ],
    [
      'takes no answer from another domain',
      [...claiming, answer('valid', "from='other.test' to='us.test'")],
      ['close SP-476 not-authorized'],
    ],
    ['takes no claim for an answer', [...claiming, result()], ['close SP-476 not-authorized']],
    [
      'takes no answer before it has claimed',
      [...doubted, hello() + answer('valid')],
      ['close SP-433 unsupported-stanza-type'],
    ],
    [
      'takes no answer while EXTERNAL is tried',
      [...doubted, hello() + features(DIALBACK, MECHANISMS), answer('valid')],
      ['close SP-433 unsupported-stanza-type'],
    ],
    [
      'takes no answer in plaintext',
      [toTls[0] ?? '', hello() + answer('valid')],
      ['close SP-433 unsupported-stanza-type'],
    ],
    ['takes no stanza while it claims', [...claiming, '<message/>'], ['close SP-433 unsupported-stanza-type']],
    [
      'takes no second answer',
      [...claiming, answer('valid'), answer('valid')],
      ['close SP-427 unsupported-stanza-type'],
    ],
    [
      'cannot make a key for a stream without id',
      [...doubted, hello('') + features(DIALBACK)],
      ['close SP-479 bad-format'],
    ],
    ['finds no way in where neither is offered', [...doubted, hello() + features()], ['close SP-432 (footer)']],
    ['uses no dialback in plaintext', [toTls[0] ?? '', hello() + features(DIALBACK)], ['close SP-351 (footer)']],
  ]
  for (const [what, moves, expected] of table) test(what, () => deepEqual(initiate(moves), expected))

  test('the key is for the id of the stream that TLS protects', () => {
    const play = new Play(initiating({ pair, dialback: KEYS }))
    play.say(...doubted)
    const [sent] = play.effects(hello('the second') + features(DIALBACK))
    ok(sent?.kind === 'send')
    match(sent.xml, /^<db:result [^>]*from='us\.test' to='peer\.test'>key for the second<\/db:result>$/)
  })

  test('where the floor is a certificate, there is no dialback', () => {
    deepEqual(withoutDialback(doubted), ['header us.test→peer.test', 'close SP-301 not-authorized'])
    deepEqual(withoutDialback([...believed, hello() + features(DIALBACK)]), ['close SP-432 (footer)'])
    const refusal = `<failure ${SASL}><not-authorized/></failure>`
    deepEqual(withoutDialback([...believed, hello() + features(DIALBACK, MECHANISMS), refusal]), [
      'close SP-441 (footer) by peer',
    ])
  })

  describe('with a question', () => {
    const QUESTION: InitiatingDialback = { question: { pair, id: 's1', key: 'k' } }
    const asking: readonly Move[] = [...doubted, hello() + features(DIALBACK, MECHANISMS)]
    const ask = (...moves: readonly Move[]): string[] => initiate([...asking, ...moves], QUESTION)
    const good = verify("from='peer.test' to='us.test' id='s1' type='valid'", '')
    test('asks, closes when it is answered, and is never ready', () => {
      deepEqual(ask(), ['send db:verify'])
      deepEqual(ask(good), ['answered valid', 'footer'])
      deepEqual(ask(verify("from='peer.test' to='us.test' id='s1' type='invalid'", '')), ['answered invalid', 'footer'])
      deepEqual(ask(verify("from='peer.test' to='us.test' id='s1' type='error'", '')), ['answered error', 'footer'])
      deepEqual(ask(good, '</stream:stream>'), ['close SP-481 (nothing)'])
    })
    const foreign: readonly (readonly [what: string, move: Move])[] = [
      ['of another stream', verify("from='peer.test' to='us.test' id='s2' type='valid'", '')],
      ['from another domain', verify("from='other.test' to='us.test' id='s1' type='valid'", '')],
      ['to another domain', verify("from='peer.test' to='other.test' id='s1' type='valid'", '')],
      ['that is a question', verify()],
    ]
    for (const [what, move] of foreign) {
      test(`takes no answer ${what}`, () => deepEqual(ask(move), ['close SP-476 not-authorized']))
    }
    test('takes no answer to a claim for one', () =>
      deepEqual(ask(answer('valid')), ['close SP-433 unsupported-stanza-type']))
    test('does not ask in plaintext', () => {
      const play = new Play(initiating({ pair, dialback: QUESTION }))
      deepEqual(play.say(toTls[0] ?? '', hello() + features(DIALBACK)), ['close SP-351 (footer)'])
      equal(play.machine.phase, 'closed')
    })
  })
})
