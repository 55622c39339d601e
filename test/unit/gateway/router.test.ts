import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Leg } from '../../../src/gateway/leg.ts'
import type { House } from '../../../src/gateway/house.ts'
import type { Journal, Refusal } from '../../../src/gateway/journal.ts'
import { limitingOf } from '../../../src/gateway/limiting.ts'
import type { Ways } from '../../../src/gateway/ways.ts'
import type { Parcel } from '../../../src/gateway/links/parcels.ts'
import { Occupants } from '../../../src/gateway/occupants.ts'
import { Pings } from '../../../src/gateway/pings.ts'
import { Router } from '../../../src/gateway/router.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { termsOf, UNLIMITED } from '../../../src/policy/limits/terms.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Bytes } from '../../../src/xml/stretch.ts'

const IQ = "<iq type='get' id='q' from='alice@corp.example/r' to='bob@partner.example'><x xmlns='y'/></iq>"
const WHY = { reason: 'SP-211', detail: 'refused', reference: 'link' } as const

/** A router whose links for answers do with a parcel what the test says. */
function bench(send: (parcel: Parcel & { readonly local: string }, router: Router) => void, bounced = true) {
  const house = {
    admission: () => undefined,
    partners: new PartnerList([]),
    ours: new Set(['corp.example']),
    settings: { federation: { mode: 'closed' }, core: { component: { connections: 'per-domain' } } },
    conducts: { version: 0 },
    conduct: () => 'normal',
    terms: () => termsOf(undefined, UNLIMITED, 0),
  } as unknown as House
  const told: [keyof Journal, ...unknown[]][] = []
  const journal = new Proxy({} as Journal, {
    get:
      (_, what: keyof Journal) =>
      (...rest: unknown[]) =>
        void told.push([what, ...rest]),
  })
  let references = 0
  const router: Router = new Router({
    house: () => house,
    ways: {
      back: (_leg: Leg, local: string) => ({ send: (parcel: Parcel) => send({ ...parcel, local }, router) }),
    } as unknown as Ways,
    pings: new Pings(),
    ledgers: {
      take: () => false,
      isLate: () => false,
      isGuest: () => false,
      isBelieved: () => false,
      inRoom: () => false,
      crossed: () => undefined,
      bounced: () => bounced,
      occupants: new Occupants(),
    },
    limiting: limitingOf({ house, draining: { refuses: undefined } }, { now: () => 0, random: () => 0 }),
    journal,
    reference: () => `r${++references}`,
    now: () => 0,
  })
  const read = parseFragment(IQ)
  assert.ok(read.ok)
  const { frame } = read
  const parcel: Parcel = { bytes: frame.bytes, frame, source: undefined }
  return { told, router, parcel }
}

test('a stanza that cannot be delivered is answered, with the reference of its record', () => {
  const answers: Parcel[] = []
  const { told, router, parcel } = bench((answer) => answers.push(answer))
  router.bounce('partner', 'corp.example', 'partner.example', parcel, WHY)
  assert.match(String(answers[0]?.bytes), /id='q'.*Reference r1/)
  assert.equal(answers[0]?.reference, 'r1')
  assert.deepEqual(
    told.map(([what]) => what),
    ['bounced'],
  )
})

test('an answer that is lost is told, under the reference that was in it', () => {
  const { told, router, parcel } = bench((answer, self) =>
    self.bounce('core', 'partner.example', 'corp.example', answer, WHY),
  )
  router.bounce('partner', 'corp.example', 'partner.example', parcel, WHY)
  const [, leg, pair, refusal] = told.find(([what]) => what === 'lostAnswer') ?? []
  assert.deepEqual([leg, pair], ['core', { local: 'partner.example', remote: 'corp.example' }])
  const { reference, cause, reason } = refusal as Refusal
  assert.deepEqual([reference, cause, reason], ['r2', 'r1', 'SP-221'])
})

test('a question that has had its answer gets no second one when it comes back from a link', () => {
  const answers: Parcel[] = []
  const { told, router, parcel } = bench((answer) => answers.push(answer), false)
  router.bounce('partner', 'corp.example', 'partner.example', parcel, WHY)
  assert.deepEqual(answers, [])
  assert.deepEqual(told[0]?.[5], false, 'recorded as not answered')
})

test('a question that nobody answers is answered in the place of whom it asks, to whom it came from', () => {
  const answers: Parcel[] = []
  const { told, router } = bench((answer) => answers.push(answer))
  const pair = { local: 'corp.example', remote: 'partner.example' }
  const question = {
    name: 'iq',
    type: 'get',
    id: 'q',
    from: 'alice@corp.example/r',
    to: 'bob@partner.example',
  } as const
  const why = { reason: 'SP-521', detail: 'no answer', reference: 'r0' } as const
  router.unanswered({ ...question, leg: 'partner', pair, at: 0, key: '', owner: 'partner.example' }, why)
  const [answer] = answers.map(({ bytes }) => String(bytes))
  assert.match(answer ?? '', /^<iq type='error' id='q' from='bob@partner.example' to='alice@corp.example\/r'>/)
  assert.match(answer ?? '', /<error type='wait'><remote-server-timeout .*Reference r0/)
  assert.deepEqual(
    told.map(([what, , refusal, answered]) => [what, (refusal as Refusal).reference, answered]),
    [['unanswered', 'r0', true]],
  )
})

test('what the gateway says of its own accord has no sender to be told when it is not delivered', () => {
  const { told, router } = bench(() => {})
  let undelivered = 0
  const words = { bytes: Buffer.from('<presence/>'), frame: undefined, source: undefined }
  router.bounce(
    'core',
    'partner.example',
    'corp.example',
    { ...words, undelivered: () => void (undelivered += 1) },
    WHY,
  )
  assert.deepEqual([undelivered, told], [1, []])
})

for (const [to, method, answerer] of [
  ['bob@stranger.example', 'certificate', 'bob@stranger.example'],
  ['carol@corp.example', 'certificate', 'partner.example'],
  ['&lt;&gt;@stranger.example', 'certificate', 'partner.example'],
  ['bob@stranger.example', 'secret', 'partner.example'],
] as const) {
  test(`what the core sends to ${to}, ${method}, is answered by ${answerer}, over the way of that name`, () => {
    const answers: { readonly local: string; readonly bytes: Bytes }[] = []
    const { router } = bench((answer) => answers.push(answer))
    const pair = { local: 'partner.example', remote: 'corp.example' }
    const stream = {
      info: { leg: 'core', role: 'receiving', bidi: false, pair, method },
      provenTowards: () => ['corp.example'],
    } as unknown as Stream
    const read = parseFragment(`<iq type='get' id='q' from='alice@corp.example' to='${to}'><x xmlns='y'/></iq>`)
    assert.ok(read.ok)
    router.reader(stream)(read.frame)
    assert.deepEqual(
      answers.map(({ bytes, local }) => [/ from='([^']*)'/.exec(String(bytes))?.[1], local]),
      [[answerer, answerer.replace('bob@', '')]],
    )
  })
}

for (const [content, sent] of [
  ['jabber:server', 'bob@Partner.example.'],
  ['jabber:component:accept', 'bob@partner.example'],
] as const) {
  test(`what goes to the core as ${content} comes from ${sent}, and so does what is remembered of it`, () => {
    const [sentAs, crossed]: [string[], (string | undefined)[]] = [[], []]
    const house = {
      ours: new Set(['corp.example']),
      partners: new PartnerList([]),
      settings: { federation: { mode: 'open' }, core: {} },
      conducts: { version: 0 },
      conduct: () => 'normal',
      terms: () => termsOf(undefined, UNLIMITED, 0),
    } as unknown as House
    const router = new Router({
      house: () => house,
      ways: {
        contentOf: () => content,
        onward: () => ({ send: ({ bytes }: Parcel) => void sentAs.push(String(bytes)) }),
      } as unknown as Ways,
      pings: new Pings(),
      ledgers: {
        occupants: new Occupants(),
        take: () => false,
        isLate: () => false,
        isGuest: () => false,
        isBelieved: () => false,
        inRoom: () => false,
        crossed: ({ from }) => void crossed.push(from),
        bounced: () => false,
      },
      limiting: limitingOf({ house, draining: { refuses: undefined } }, { now: () => 0, random: () => 0 }),
      journal: { passed: () => undefined } as unknown as Journal,
      reference: () => 'r',
      now: () => 0,
    })
    const pair = { local: 'corp.example', remote: 'partner.example' }
    const info = { leg: 'partner', role: 'receiving', bidi: false, pair, method: 'certificate' }
    const stream = { info, provenTowards: () => ['partner.example'] } as unknown as Stream
    const read = parseFragment("<presence from='bob@Partner.example.' to='alice@corp.example'/>")
    assert.ok(read.ok)
    router.reader(stream)(read.frame)
    assert.deepEqual([sentAs, crossed], [[`<presence from='${sent}' to='alice@corp.example'/>`], [sent]])
  })
}

test('what comes when too much waits is refused as what waits would be, and overtakes nothing', () => {
  const [arrived, refused]: [string[], [string | undefined, Refusal][]] = [[], []]
  const house = {
    ours: new Set(['corp.example']),
    partners: new PartnerList([]),
    settings: {
      federation: { mode: 'open' },
      core: {},
      limits: { meteredSenders: 10, meteredRecipients: 10, smoothingMs: 60_000 },
    },
    conducts: { version: 0 },
    conduct: () => 'normal',
    terms: () => termsOf({ stanzasPerSecond: 1 }, UNLIMITED, 1000),
    admission: () => undefined,
  } as unknown as House
  const limiting = limitingOf({ house, draining: { refuses: undefined } }, { now: () => 0, random: () => 0 })
  const router = new Router({
    house: () => house,
    ways: {
      contentOf: () => 'jabber:server',
      onward: () => ({ send: ({ frame }: Parcel) => void arrived.push(frame?.id ?? '') }),
      back: () => ({ send: () => undefined }),
    } as unknown as Ways,
    pings: new Pings(),
    ledgers: {
      occupants: new Occupants(),
      take: () => false,
      isLate: () => false,
      isGuest: () => false,
      isBelieved: () => false,
      inRoom: () => false,
      crossed: () => undefined,
      bounced: () => false,
    },
    limiting,
    journal: {
      passed: () => undefined,
      refused: ({ id }: { readonly id: string }, _: unknown, refusal: Refusal) => void refused.push([id, refusal]),
    } as unknown as Journal,
    reference: () => 'r',
    now: () => 0,
  })
  const pair = { local: 'corp.example', remote: 'partner.example' }
  const info = { leg: 'partner', role: 'receiving', bidi: false, pair, method: 'certificate' }
  const [pause, resume] = [() => undefined, () => undefined]
  const read = router.reader({ info, pause, resume, provenTowards: () => ['partner.example'] } as unknown as Stream)
  const ids = Array.from({ length: 68 }, (_, n) => `m${n}`)
  for (const id of ids) {
    const stanza = parseFragment(`<message id='${id}' from='bob@partner.example' to='alice@corp.example'/>`)
    assert.ok(stanza.ok)
    read(stanza.frame)
  }
  limiting.letGo()
  assert.deepEqual(arrived, ids.slice(0, 65))
  assert.deepEqual(
    refused.map(([id, { reason, detail }]) => [id, reason, detail]),
    ids.slice(65).map((id) => [id, 'SP-153', 'partner=partner.example, stanzasPerSecond=1']),
  )
})
