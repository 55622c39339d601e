// Addresses of people whom a provider serves under decorated names (XEP-0106), read and written.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedOn, decorated, personAt } from '../../../src/gateway/decorated.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { partner } from '../policy/people.ts'

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
