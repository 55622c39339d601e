// By which keys partners are known: what is remembered, told, held, and decided.

import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import { KnownKeys } from '../../../src/gateway/keys/known-keys.ts'
import type { KeyDecision, KeyNotice } from '../../../src/gateway/keys/report.ts'
import type { Stream } from '../../../src/net/stream.ts'
import type { CertificateChange, Partner } from '../../../src/policy/partner.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import type { KnownKey } from '../../../src/store/store.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import type { PeerSide } from '../../../src/trust/demands.ts'
import { summarise } from '../../../src/trust/summary.ts'
import type { Verdict } from '../../../src/trust/verdict.ts'
import { issue, makeCa, type Issued } from '../../support/pki.ts'

const DAY = 86_400_000
const START = Date.now()
const A = 'a.test'
const SUB = 'rooms.a.test'
const STRANGER = 'stranger.test'
/** More than a domain can have of any kind. */
const MANY = 20

interface Certificates {
  readonly first: Issued
  readonly second: Issued
  readonly other: Issued
  readonly more: readonly Issued[]
  /** Of the same CA, sixty days on. */
  readonly fresh: readonly Issued[]
}

let certs: Certificates
const anchors = new Map<Issued, Issued>()

before(async () => {
  const [ca, another] = [await makeCa(), await makeCa()]
  const from = async (anchor: Issued, day = -1): Promise<Issued> => {
    const dates = { notBefore: new Date(START + day * DAY), notAfter: new Date(START + (day + 90) * DAY) }
    const issued = await issue({ ca: anchor, names: [A, SUB], ...dates })
    anchors.set(issued, anchor)
    return issued
  }
  const more: Issued[] = []
  for (let n = 0; n < MANY; n += 1) more.push(await from(ca))
  const fresh: Issued[] = []
  for (let n = 0; n < 9; n += 1) fresh.push(await from(ca, 60))
  certs = { first: await from(ca), second: await from(ca), other: await from(another), more, fresh }
})

/** The verdict on a certificate whose path, name and standing are proven. */
function proven(issued: Issued): Verdict {
  const path = [issued, anchors.get(issued) ?? issued].map(({ der }) => {
    const read = readCertificate(der)
    return typeof read === 'string' ? assert.fail(read) : read
  })
  return { proven: true, certificate: summarise(path[0]!), anchor: 'CN=anchor', path }
}

interface World {
  mode: CertificateChange
  now: number
  pins: readonly string[]
  most: number
  saves: boolean
}

function setUp(stored: KnownKey[] = []) {
  const world: World = { mode: 'report', now: START, pins: [], most: 100, saves: true }
  const noticed: KeyNotice[] = []
  const decided: KeyDecision[] = []
  const unkept: (readonly [string, string, boolean, string | undefined])[] = []
  const closed: string[] = []
  const streams: Stream[] = []
  const entries = (): Partner[] =>
    [
      { domain: A, alsoKnownAs: [SUB, '*.b.test'], pins: world.pins },
      { domain: '*.wide.test', alsoKnownAs: [], pins: [] },
    ] as unknown as Partner[]
  const house = (): House =>
    ({
      admission: (domain: string) => (domain === STRANGER ? 'SP-101' : undefined),
      certificateChange: () => world.mode,
      partners: new PartnerList(entries()),
      settings: { limits: { knownKeys: world.most } },
    }) as unknown as House
  let references = 0
  const make = (): KnownKeys =>
    new KnownKeys({
      house,
      keyKeeper: {
        recall: () => stored,
        keep(changed, gone) {
          if (!world.saves) return false
          for (const { domain, spki } of [...gone, ...changed]) {
            const at = stored.findIndex((key) => key.domain === domain && key.spki === spki)
            if (at !== -1) stored.splice(at, 1)
          }
          stored.push(...changed)
          return true
        },
      },
      journal: {
        keyNoticed: (notice) => void noticed.push(notice),
        keyDecided: (decision) => void decided.push(decision),
        keyUnkept: ({ key, held }) => void unkept.push([key.domain, key.change, held, key.reference]),
      },
      streams: () => streams,
      reference: () => `ref-${(references += 1)}`,
      now: () => world.now,
    })
  let keys = make()
  /** `ok`, or the reason against it. */
  const meet = (issued: Issued, domain = A, side: PeerSide = 'server'): string => {
    const verdict = keys.meet(proven(issued), { domain, side })
    return verdict.proven ? 'ok' : verdict.reason
  }
  const up = (issued: Issued, domain = A): void => {
    const verdict = proven(issued)
    const certificate = verdict.proven ? verdict.certificate : assert.fail()
    const stream = {
      open: true,
      info: { leg: 'partner', pair: { local: 'us.test', remote: domain }, since: START, certificate },
      proven: [{ pair: { local: 'us.test', remote: domain }, method: 'certificate', certificate }],
      close: (reason: string) => void closed.push(reason),
    }
    streams.push(stream as unknown as Stream)
  }
  const restart = (): void => {
    keys.tick()
    keys = make()
  }
  const decide = (say: 'confirm' | 'refuse', issued: Issued, domain = A) =>
    keys.decide({ domain, pins: [issued.pin], say, by: 'root' })
  const states = (domain = A) => keys.list(domain).map((key) => `${key.domain} ${key.state} ${key.change}`)
  return {
    ...{ world, noticed, decided, unkept, closed, stored, meet, up, restart, decide, states },
    get keys() {
      return keys
    },
  }
}

const TABLE: readonly (readonly [
  mode: CertificateChange,
  early: string,
  renewed: string,
  otherSide: string,
  otherCa: string,
])[] = [
  ['accept', 'ok', 'ok', 'ok', 'ok'],
  ['report', 'ok', 'ok', 'ok', 'ok'],
  ['hold-unusual', 'SP-388', 'ok', 'ok', 'SP-388'],
  ['hold', 'SP-388', 'SP-388', 'SP-388', 'SP-388'],
]

suite('by the mode', () => {
  for (const [mode, ...expected] of TABLE) {
    test(`${mode}: the first key counts; then another, early, renewed, on the other side, of another CA`, () => {
      const after = (act: (it: ReturnType<typeof setUp>) => string): string => {
        const it = setUp()
        it.world.mode = mode
        assert.equal(it.meet(certs.first), 'ok')
        return act(it)
      }
      const early = after(({ meet }) => meet(certs.second))
      const renewed = after(({ world, meet }) => {
        world.now = START + 60 * DAY
        return meet(certs.second)
      })
      const otherSide = after(({ meet }) => meet(certs.second, A, 'client'))
      const otherCa = after(({ world, meet }) => {
        world.now = START + 60 * DAY
        return meet(certs.other)
      })
      assert.deepEqual([early, renewed, otherSide, otherCa], expected)
    })
  }
})

test('report: a change is told once and stands open, over a restart too, and the known key goes on', () => {
  const it = setUp()
  it.meet(certs.first)
  it.meet(certs.other)
  it.restart()
  assert.equal(it.meet(certs.other), 'ok')
  assert.equal(it.meet(certs.first), 'ok')
  assert.deepEqual(
    it.noticed.map(({ key, held }) => [key.change, key.state, key.reference, held]),
    [
      ['first', 'known', undefined, false],
      ['other-ca', 'open', 'ref-1', false],
    ],
  )
  assert.deepEqual(it.states(), [`${A} known first`, `${A} open other-ca`])
  assert.deepEqual(
    it.keys.status.open.map(({ spki }) => spki),
    [certs.other.pin],
  )
})

test('accept: nothing is remembered', () => {
  const it = setUp()
  it.world.mode = 'accept'
  it.meet(certs.first)
  assert.deepEqual([it.keys.status.kept, it.noticed], [0, []])
})

test('hold: what is held counts as soon as it is confirmed, and who said so is told', () => {
  const it = setUp()
  it.world.mode = 'hold'
  it.meet(certs.first)
  assert.equal(it.meet(certs.second), 'SP-388')
  assert.deepEqual(it.states(), [`${A} known first`, `${A} held early`])
  assert.equal(it.decide('confirm', certs.second)?.length, 1)
  assert.equal(it.meet(certs.second), 'ok')
  assert.deepEqual(
    it.decided.map(({ key, confirmed, by }) => [key.spki, confirmed, by]),
    [[certs.second.pin, true, 'root']],
  )
  it.restart()
  assert.equal(it.meet(certs.second), 'ok')
  assert.equal(it.keys.list(A).find(({ spki }) => spki === certs.second.pin)?.decided?.by, 'root')
})

test('one key that is due explains one renewal: eight servers renew, and a ninth key is early', () => {
  const it = setUp()
  const servers = certs.more.slice(0, 8)
  it.world.pins = servers.map(({ pin }) => pin)
  for (const issued of servers) it.meet(issued)
  it.world.pins = []
  for (const [n, issued] of certs.fresh.entries()) {
    it.world.now = START + 61 * DAY + n
    it.meet(issued)
  }
  const changes = it.noticed.slice(servers.length).map(({ key }) => key.change)
  assert.deepEqual(changes, [...Array.from({ length: 8 }, () => 'renewed'), 'early'])
})

test('a key may be confirmed before it is seen; then another first one is unusual', () => {
  const it = setUp()
  it.world.mode = 'hold'
  it.decide('confirm', certs.second)
  assert.equal(it.meet(certs.first), 'SP-388')
  assert.equal(it.noticed.at(-1)?.key.change, 'not-told')
  assert.equal(it.meet(certs.second), 'ok')
  assert.equal(it.noticed.at(-1)?.key.change, 'told')
})

test('a refused key proves nothing whatever the settings say, streams with it close, and confirming takes it back', () => {
  const it = setUp()
  it.meet(certs.first)
  it.meet(certs.other)
  it.up(certs.first)
  it.up(certs.other)
  it.decide('refuse', certs.other)
  assert.deepEqual(it.closed, ['SP-389'])
  it.world.mode = 'accept'
  it.restart()
  assert.equal(it.meet(certs.other), 'SP-389')
  assert.equal(it.meet(certs.first), 'ok')
  it.decide('confirm', certs.other)
  assert.equal(it.meet(certs.other), 'ok')
})

test('when the settings become stricter, streams with a key that nobody has confirmed close', () => {
  const it = setUp()
  it.meet(certs.first)
  it.meet(certs.other)
  it.up(certs.first)
  it.up(certs.other)
  it.keys.enforce()
  assert.deepEqual(it.closed, [])
  it.world.mode = 'hold-unusual'
  it.keys.enforce()
  assert.deepEqual(it.closed, ['SP-388'])
})

test('a pinned key is one that an administrator has named, and one that is pinned later waits no longer', () => {
  const it = setUp()
  it.world.mode = 'hold'
  it.world.pins = [certs.second.pin]
  it.meet(certs.first)
  assert.equal(it.meet(certs.second), 'ok')
  assert.equal(it.meet(certs.other), 'SP-388')
  it.world.pins = [certs.second.pin, certs.other.pin]
  assert.equal(it.meet(certs.other), 'ok')
  assert.deepEqual(it.keys.status.open, [])
})

test('each name of a partner has keys of its own; one decision is for all names that wait with the key', () => {
  const it = setUp()
  it.world.mode = 'hold'
  for (const domain of [A, SUB, 'x.b.test']) {
    assert.equal(it.meet(certs.first, domain), 'ok')
    assert.equal(it.meet(certs.second, domain), 'SP-388')
  }
  assert.deepEqual(
    it
      .decide('confirm', certs.second, SUB)
      ?.map(({ domain }) => domain)
      .toSorted(),
    [A, SUB, 'x.b.test'],
  )
  for (const domain of [A, SUB, 'x.b.test']) assert.equal(it.meet(certs.second, domain), 'ok')
})

test('a key that waits at another name is confirmed for that name only, and refused for the one that was named too', () => {
  const it = setUp()
  it.world.mode = 'hold'
  it.meet(certs.first, SUB)
  it.meet(certs.other, SUB)
  it.meet(certs.second, SUB)
  assert.deepEqual(
    it.decide('confirm', certs.other)?.map(({ domain }) => domain),
    [SUB],
  )
  assert.equal(it.meet(certs.other, SUB), 'ok')
  assert.equal(it.meet(certs.first), 'ok')
  assert.equal(it.meet(certs.other), 'SP-388')
  assert.deepEqual(
    it.decide('refuse', certs.second)?.map(({ domain }) => domain),
    [A, SUB],
  )
})

test('a probe is told the same and leaves nothing behind', () => {
  const it = setUp()
  it.world.mode = 'hold'
  it.meet(certs.first)
  const verdict = it.keys.look(proven(certs.second), { domain: A, side: 'server' })
  assert.equal(verdict.proven ? 'ok' : verdict.reason, 'SP-388')
  assert.deepEqual([it.keys.status.kept, it.noticed.length], [1, 1])
})

test('nothing is remembered of whom policy does not admit, nor of who has proven nothing', () => {
  const it = setUp()
  assert.equal(it.meet(certs.first, STRANGER), 'ok')
  const failed: Verdict = { proven: false, reason: 'SP-301', detail: '', certificate: undefined }
  assert.equal(it.keys.meet(failed, { domain: A, side: 'server' }), failed)
  assert.equal(it.keys.status.kept, 0)
})

test('a domain has so many keys: the one unseen for longest goes, and strange ones push out no known one', () => {
  const it = setUp()
  it.world.pins = certs.more.map(({ pin }) => pin)
  for (const [n, issued] of certs.more.entries()) {
    it.world.now = START + 60 * DAY + n
    it.meet(issued)
    it.meet(certs.first, A)
  }
  const count = (state: string): number => it.keys.list(A).filter((key) => key.state === state).length
  assert.equal(count('known'), 16, it.states().join())
  const known = new Set(it.keys.list(A).map(({ spki }) => spki))
  it.world.now = START
  for (let n = 0; n < 3; n += 1) it.meet(certs.other)
  for (const { spki, state } of it.keys.list(A)) assert.ok(state === 'open' || known.has(spki))
  assert.equal(count('known') + count('open'), it.keys.list(A).length)
  it.restart()
  assert.equal(it.keys.list(A).length, it.stored.length)
})

test('where there is no room, known keys stay: a new one is refused where changes are held, and counts elsewhere', () => {
  const it = setUp()
  it.world.most = 1
  it.meet(certs.first)
  assert.equal(it.meet(certs.first, SUB), 'ok')
  it.world.mode = 'hold'
  assert.equal(it.meet(certs.first, SUB), 'SP-390')
  assert.equal(it.meet(certs.first), 'ok')
  assert.deepEqual(it.unkept, [
    [SUB, 'first', false, 'ref-1'],
    [SUB, 'first', true, 'ref-2'],
  ])
})

test('a key that there is no room for is told of once, and why it is not kept', () => {
  const it = setUp()
  it.world.most = 1
  it.meet(certs.first)
  for (let n = 0; n < 3; n += 1) for (const issued of [certs.first, certs.second]) it.meet(issued, SUB)
  assert.deepEqual([it.unkept.length, new Set(it.unkept.map(([, , , reference]) => reference)).size], [2, 2])
})

test('what an administrator has decided is kept, or not taken: whole or not at all, and room in all or not', () => {
  const it = setUp()
  it.world.most = 1
  it.meet(certs.first)
  const pins = Array.from({ length: 33 }, (_, n) => `sha256/${n}`)
  const decide = (say: 'confirm' | 'refuse', some: readonly string[]) =>
    it.keys.decide({ domain: A, pins: some, say, by: undefined })?.length
  const count = (state: string): number => it.keys.list(A).filter((key) => key.state === state).length
  assert.equal(decide('refuse', pins), undefined)
  assert.deepEqual([count('refused'), it.decided.length], [0, 0])
  assert.equal(decide('refuse', pins.slice(0, 32)), 32)
  assert.equal(decide('refuse', pins.slice(32)), undefined)
  assert.equal(decide('refuse', pins.slice(0, 32)), 32)
  assert.equal(count('refused'), 32)
  assert.equal(decide('confirm', pins.slice(0, 17)), undefined)
  assert.equal(decide('confirm', pins.slice(0, 16)), 16)
  assert.equal(decide('confirm', pins.slice(16, 17)), undefined)
  assert.deepEqual([count('known'), count('refused')], [16, 16])
  it.restart()
  assert.equal(it.stored.length, 32)
})

test('a confirmed key makes room when its certificate has ended', () => {
  const it = setUp()
  for (const issued of certs.more.slice(0, 16)) {
    it.decide('confirm', issued)
    it.meet(issued)
  }
  assert.equal(it.decide('confirm', certs.second), undefined)
  it.world.now = START + 100 * DAY
  assert.equal(it.decide('confirm', certs.second)?.length, 1)
})

test('where there is no room, a domain that has keys may still change its key, within bounds, and is told of beyond', () => {
  const it = setUp()
  it.world.most = 4
  for (const issued of certs.more.slice(0, 4)) it.meet(issued, A, it.keys.status.kept === 0 ? 'server' : 'client')
  assert.equal(it.keys.status.kept, 4)
  assert.equal(it.meet(certs.first, SUB), 'ok')
  assert.equal(it.meet(certs.other), 'ok')
  assert.deepEqual([it.noticed.at(-1)?.key.change, it.keys.status.kept], ['other-ca', 5])
  it.meet(certs.second)
  assert.deepEqual(it.unkept, [
    [SUB, 'first', false, 'ref-3'],
    [A, 'early', false, 'ref-5'],
  ])
  assert.equal(it.decide('refuse', certs.second)?.length, 1)
  assert.equal(it.meet(certs.second), 'SP-389')
})

test('an entry that fills the memory loses names that were not seen for long, and nobody else does', () => {
  const it = setUp()
  it.world.most = 16
  it.meet(certs.first)
  it.meet(certs.more[0]!, 'n0.wide.test')
  it.decide('refuse', certs.other, 'n0.wide.test')
  it.meet(certs.more[0]!, 'n1.wide.test')
  it.meet(certs.other, 'n1.wide.test')
  for (let n = 2; n < 13; n += 1) {
    it.world.now += 1
    it.meet(certs.more[0]!, `n${n}.wide.test`)
  }
  assert.equal(it.keys.status.kept, 16)
  assert.equal(it.meet(certs.first, SUB), 'ok')
  assert.deepEqual(it.unkept, [])
  assert.deepEqual(it.states('x.wide.test'), [
    'n0.wide.test known first',
    'n0.wide.test refused told',
    'n12.wide.test known first',
  ])
  assert.deepEqual(it.states(), [`${A} known first`, `${SUB} known first`])
  it.restart()
  assert.equal(it.stored.length, 5)
})

test('what no entry covers makes room, and what was not seen for long is forgotten, but not the last known key', () => {
  const it = setUp([
    { ...KEPT, domain: 'gone.test', spki: 'sha256/gone', lastSeen: START },
    { ...KEPT, domain: A, spki: 'sha256/older', lastSeen: START - 500 * DAY },
    { ...KEPT, domain: A, spki: 'sha256/old', lastSeen: START - 450 * DAY },
  ])
  it.world.most = 3
  assert.equal(it.meet(certs.first, SUB), 'ok')
  it.restart()
  assert.deepEqual(it.stored.map(({ domain, spki }) => `${domain} ${spki}`).toSorted(), [
    `${A} sha256/old`,
    `${SUB} ${certs.first.pin}`,
  ])
})

test('what could not be written is written when it can be', () => {
  const it = setUp()
  it.world.saves = false
  it.meet(certs.first)
  it.keys.tick()
  assert.equal(it.stored.length, 0)
  it.world.saves = true
  it.keys.tick()
  assert.equal(it.stored.length, 1)
})

test('a known key in a new certificate is the same key, with its new end', () => {
  const it = setUp()
  it.meet(certs.first)
  const renewed = proven(certs.second)
  assert.ok(renewed.proven)
  const [leaf, anchor] = renewed.path ?? []
  const same = { ...leaf!, pin: certs.first.pin, notAfter: START + 200 * DAY }
  const verdict = it.keys.meet({ ...renewed, path: [same, anchor!] }, { domain: A, side: 'server' })
  assert.equal(verdict.proven, true)
  assert.equal(it.keys.list(A)[0]?.certificate?.notAfter, new Date(START + 200 * DAY).toISOString())
  assert.equal(it.noticed.length, 1)
})

const KEPT = {
  state: 'known',
  change: 'first',
  certificate: undefined,
  sides: [],
  firstSeen: START - 600 * DAY,
  reference: undefined,
  decidedAt: undefined,
  decidedBy: undefined,
} as const
