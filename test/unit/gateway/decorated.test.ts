// Addresses of people whom a provider serves under decorated names (XEP-0106), read and written.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedOn, asOutside } from '../../../src/gateway/decorated.ts'
import { dryRun } from '../../../src/gateway/dry-run.ts'
import type { House } from '../../../src/gateway/house.ts'
import { Presences } from '../../../src/gateway/ledgers/presences.ts'
import type { Limiting } from '../../../src/gateway/limiting.ts'
import { Occupants } from '../../../src/gateway/occupants.ts'
import { crossingOf } from '../../../src/gateway/speaking.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { decorated, personAt } from '../../../src/policy/served.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { parseAddress } from '../../../src/xmpp/address.ts'
import { NOW, OURS, partner } from '../policy/people.ts'

const VIA = 'provider.example'
const PARTNERS = new PartnerList([partner(VIA, { decorates: ['example.org', 'xn--bcher-kva.example'] })])

/** A localpart at the provider, and the person whose it is; undefined: nobody's, so that it is refused. */
const NAMES: readonly (readonly [local: string, person: string | undefined])[] = [
  ['anna\\40example.org', 'anna@example.org'],
  ['ANNA\\40EXAMPLE.ORG', 'anna@example.org'],
  ['anna\\40bücher.example', 'anna@bücher.example'],
  ['anna\uff3c\uff14\uff10example.org', 'anna@example.org'],
  ['anna\\40c.example\\40example.org', 'anna\\40c.example@example.org'],
  ['anna\\40example.org.', undefined],
  ['anna\\40example\u3002org', undefined],
  ['anna\\40example\uff0eorg', 'anna@example.org'],
  ['anna\\40xn--bcher-kva.example', undefined],
  ['anna\\40ＥxaMple.org', 'anna@example.org'],
]

test('who has a decorated name is the person whose only one it is', () => {
  for (const [local, person] of NAMES) {
    const address = `${local}@${VIA}/r`
    const found = personAt(address, PARTNERS)
    assert.equal(found?.via, VIA, local)
    assert.equal(found.address, person === undefined ? address : `${person}/r`, local)
    if (person === undefined) assert.equal(found.domain, VIA, local)
    else assert.match(decorated(found.address, PARTNERS) ?? '', /^[a-zü.\\04]+@provider\.example\/r$/, local)
  }
})

test('whoever has no decorated name is who they say', () => {
  for (const local of ['anna', 'anna\\5c40example.org', '\\40example.org', 'anna\\40a_b', 'zoë'])
    assert.equal(personAt(`${local}@${VIA}`, PARTNERS), undefined, local)
  assert.equal(personAt('anna\\40example.org@other.example', PARTNERS), undefined)
})

test('somebody at a domain that is served has no second person behind them', () => {
  const [name, address] = ['bob\\40c.example', 'bob\\40c.example@example.org/r']
  const { address: read = '' } = personAt(`${name}\\40example.org@${VIA}/r`, PARTNERS) ?? {}
  assert.equal(read, address)
  assert.equal(personAt(address, PARTNERS), undefined)
  const asked = { name: 'iq', type: 'get', id: 'q', from: address, to: `${name}\\40example.org@${VIA}` }
  assert.equal(askedOn('core', asked, PARTNERS).asked.to, `${name}@example.org`)
  assert.equal(askedOn('core', { ...asked, to: address }, PARTNERS).person, undefined)
})

/** To whom one of ours writes, and to whom it goes; or, after `!`, what is said of why it does not. */
const WRITTEN: readonly (readonly [to: string, goes: string])[] = [
  ['anna@example.org/r', `anna\\40example.org@${VIA}/r`],
  ['example.org', `!to=example.org, served by ${VIA}`],
  [`anna\\40example.org@${VIA}/r`, `!to=anna\\40example.org@${VIA}/r, served by ${VIA}: write to anna@example.org`],
  [`anna\\40example.org.@${VIA}`, `!to=anna\\40example.org.@${VIA}, served by ${VIA}: write to anna@example.org`],
  [`eve\\40evil.example@${VIA}`, `eve\\40evil.example@${VIA}`],
  [`zoë@${VIA}`, `zoë@${VIA}`],
  [VIA, VIA],
]

test('who is served is reached by their own address alone, and nobody else where they are', () => {
  for (const [to, expected] of WRITTEN) {
    const read = parseFragment(`<message to='${to}'/>`)
    assert.ok(read.ok)
    const goes = asOutside(read.frame, PARTNERS.behind(parseAddress(to)?.domain ?? ''), PARTNERS)
    if (!expected.startsWith('!')) assert.ok('name' in goes && goes.to === expected, to)
    else assert.deepEqual(goes, { reason: 'SP-168', detail: expected.slice(1), ends: 'stanza' })
  }
})

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok, text)
  return read.frame
}

test('who is served is in a room like anybody else, as whoever they are', () => {
  const presences = new Presences(
    () => 100,
    (from) => from,
  )
  const house = { partners: PARTNERS, ours: new Set(OURS), settings: { federation: { mode: 'closed' }, core: {} } }
  const crossing = crossingOf(house as unknown as House, { info: { leg: 'partner' } } as Stream, {
    ledgers: { inRoom: (frame: Frame) => presences.inRoom(frame), occupants: new Occupants() } as never,
    limiting: { limitsOf: () => undefined } as unknown as Limiting,
  })
  const inRoom = (from: string, to: string): boolean | undefined =>
    crossing.inRoom?.(frameOf(`<iq type='get' id='1' from='${from}' to='${to}'/>`))
  const room = 'project@conference.corp.example'
  for (const [person, wire] of [
    ['anna@example.org/r', `anna\\40example.org@${VIA}/r`],
    [`zoë@${VIA}/r`, `zoë@${VIA}/r`],
  ] as const) {
    const is = (): unknown => [inRoom(person, `${room}/Bob`), inRoom(`${room}/Bob`, person)]
    assert.deepEqual(is(), [false, false], person)
    presences.crossed(
      frameOf(
        `<presence from='${wire}' to='${room}/${wire[0]}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      ),
    )
    presences.crossed(
      frameOf(
        `<presence from='${room}/${wire[0]}' to='${wire}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
      ),
    )
    assert.deepEqual(is(), [true, true], person)
  }
})

test('a dry run says of them what would become of it, and what it did not ask', () => {
  const asked = (from: string, to: string, stanza?: string) => {
    const standing = { partners: PARTNERS, mode: 'closed', ours: OURS, now: NOW } as const
    const { verdict, rule, reason, condition, trail } = dryRun({ from, to, stanza, at: undefined }, standing)
    return { said: [verdict, rule, reason, condition].join(' ').trim(), trail }
  }
  const [ours, there] = ['alice@corp.example', `anna\\40example.org@${VIA}`]
  assert.equal(asked(ours, 'anna@example.org').said, 'pass')
  for (const to of ['example.org', there]) {
    const { said, trail } = asked(ours, to)
    assert.equal(said, 'refuse behind-provider SP-168 service-unavailable', to)
    assert.equal(trail.filter(({ rule }) => rule === 'behind-provider').length, 1)
    assert.equal(trail.at(-1)?.finding?.reason, 'SP-168')
  }
  assert.equal(asked(there, ours).said, 'pass')
  const enters = "<presence><x xmlns='http://jabber.org/protocol/muc'/></presence>"
  const { trail } = asked(there, 'room@conference.corp.example/a', enters)
  assert.match(trail.at(-1)?.note ?? '', /^not asked/)
  assert.equal(trail.at(-1)?.rule, 'rooms')
})
