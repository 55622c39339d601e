import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import { Streams } from '../../../src/gateway/streams.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { partner } from '../policy/people.ts'

const LISTED = partner('a.example', { alsoKnownAs: ['rooms.a.example'], limits: { connections: 2 } })

const house = {
  partners: new PartnerList([LISTED]),
  terms: (domain: string) => ({ partner: domain.endsWith('a.example') ? LISTED.limits : {} }),
} as unknown as House

const stream = (remote: string, changes: { readonly role?: string; readonly leg?: string; open?: boolean } = {}) => {
  const { role = 'receiving', leg = 'partner', open = true } = changes
  const pair = { local: 'corp.example', remote }
  return { info: { role, leg, pair, bidi: false }, open, proven: [{ pair }] } as unknown as Stream
}

test('a partner has so many streams to us at a time, all names of its entry together, and others have theirs', () => {
  const streams = new Streams()
  const opens = (one: Stream): string | undefined => {
    streams.add(one)
    const against = streams.objection(one, house, undefined)
    if (against !== undefined) streams.delete(one)
    return against
  }
  const first = stream('a.example')
  assert.equal(opens(first), undefined)
  assert.equal(opens(stream('rooms.a.example')), undefined)
  assert.equal(opens(stream('a.example', { role: 'initiating' })), undefined, 'ours to it')
  assert.equal(opens(stream('a.example', { leg: 'core' })), undefined, 'the core for it')
  assert.equal(opens(stream('a.example')), 'SP-653')
  for (let n = 0; n < 5; n++) assert.equal(opens(stream('b.example')), undefined)
  assert.equal(streams.openedBy('a.example', house), 2)
  streams.delete(first)
  streams.add(stream('a.example', { open: false }))
  assert.equal(opens(stream('a.example')), undefined, 'one that is closing is not counted')
})

test('where no stream may be opened any more, none is, whoever it is', () => {
  const streams = new Streams()
  assert.equal(streams.objection(stream('b.example'), house, 'SP-629'), 'SP-629')
  assert.equal(streams.objection(stream('b.example', { leg: 'core' }), house, 'SP-629'), 'SP-629')
  assert.equal(streams.objection(stream('b.example', { role: 'initiating' }), house, 'SP-629'), undefined)
})
