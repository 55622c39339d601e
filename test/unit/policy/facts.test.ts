import assert from 'node:assert/strict'
import { test } from 'node:test'
import { provenSender, stanzaKind, type Facts } from '../../../src/policy/facts.ts'
import { facts, OURS, NOW, partner } from './people.ts'
import { whomOf } from './whom/policy.ts'

test('addresses are judged in canonical form, whatever form they came in', () => {
  const seen = facts('inbound', { from: 'BOB@Partner.Example./Phone', to: 'ALICE@corp.example' })
  assert.equal(seen.from, 'bob@partner.example/Phone')
  assert.equal(seen.fromDomain, 'partner.example')
  assert.equal(seen.to, 'alice@corp.example')
  assert.equal(seen.toDomain, 'corp.example')
  assert.equal(seen.partner?.domain, 'partner.example')
})

test('a malformed address keeps its text, and its domain where one can be read', async (t) => {
  const table: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['bo b@Partner.example/x', 'bo b@Partner.example/x', 'partner.example'],
    ['@partner.example', '@partner.example', 'partner.example'],
    ['partner.example/', 'partner.example/', 'partner.example'],
    ['bob@partner.example/\u2067', 'bob@partner.example/\u2067', 'partner.example'],
    ['bob@', 'bob@', undefined],
    ['/x', '/x', undefined],
    ['a@b@partner.example', 'a@b@partner.example', undefined],
    ['', undefined, undefined],
  ]
  for (const [text, from, domain] of table) {
    await t.test(JSON.stringify(text), () => {
      const seen = facts('inbound', { from: text })
      assert.equal(seen.from, from)
      assert.equal(seen.fromDomain, domain)
      assert.deepEqual(seen.malformed, text === '' ? [] : ['from'])
    })
  }
})

test('of a domain that a provider does not serve, its names prove nothing, and it is the provider that speaks', () => {
  const entries = [partner('partner.example', { decorates: ['example.org'] }), partner('ministry.example')]
  const read = (domain: string) => {
    const {
      fromDomain,
      provenDomains,
      partner: terms,
      ...rest
    } = facts(
      'inbound',
      { from: `anna@${domain}` },
      {
        ...{ via: 'partner.example', partners: entries },
        conduct: (outside) => (outside === domain ? 'blocked' : 'normal'),
      },
    )
    const by = provenSender({ fromDomain, provenDomains, via: rest.via })
    return [fromDomain, provenDomains, terms?.domain, by, rest.conduct]
  }
  const via = 'partner.example'
  assert.deepEqual(read('example.org'), ['example.org', [via, 'example.org'], via, 'example.org', 'blocked'])
  for (const domain of ['ministry.example', 'stranger.example', 'corp.example'])
    assert.deepEqual(read(domain), [domain, [via], via, via, undefined], domain)
})

test('the partner of a stanza is the side that is outside', () => {
  assert.equal(facts('inbound').partner?.domain, 'partner.example')
  assert.equal(facts('outbound').partner?.domain, 'partner.example')
  assert.equal(facts('outbound', { to: 'x@stranger.example' }).partner, undefined)
})

test('what policies say of the user inside is among the facts, whichever way it goes', () => {
  const whom = whomOf('policies: { default: { otherwise: [messages] } }')
  for (const way of ['inbound', 'outbound'] as const) {
    const { whom: standing } = JSON.parse(JSON.stringify(facts(way, {}, { whom }))) as Facts
    assert.deepEqual(standing, {
      user: 'alice@corp.example',
      decides: {
        ...{ is: 'rule', name: 'default/otherwise', place: 'policy.yaml:1', allow: ['messages'], direction: 'both' },
        says: { version: 'c255d92b474b7b1e', text: '[ messages ]' },
      },
      reports: [],
    })
  }
  assert.equal(facts('inbound', { to: 'al ice@corp.example' }, { whom }).whom, undefined)
})

test('Jingle is looked into, and nothing else is', () => {
  const asked: unknown[] = []
  const described = (frame: unknown): readonly string[] => {
    asked.push(frame)
    return ['urn:x']
  }
  const jingle = { name: 'iq', type: 'set', payloads: [{ namespace: 'urn:xmpp:jingle:1', name: 'jingle' }] }
  assert.deepEqual(facts('inbound', jingle, { described }).described, ['urn:x'])
  assert.equal(facts('inbound', { ...jingle, name: 'message' }, { described }).described, undefined)
  assert.equal(facts('inbound', { name: 'iq', type: 'set' }, { described }).described, undefined)
  assert.equal(asked.length, 1)
})

test('facts survive being written down', () => {
  const seen = facts('outbound', { type: 'chat', payloads: [{ namespace: 'jabber:server', name: 'body' }] })
  assert.deepEqual(JSON.parse(JSON.stringify(seen)), {
    direction: 'outbound',
    kind: 'message',
    type: 'chat',
    id: 'a1',
    from: 'alice@corp.example/desk',
    to: 'bob@partner.example/phone',
    fromDomain: 'corp.example',
    toDomain: 'partner.example',
    malformed: [],
    provenDomains: ['corp.example'],
    payloads: [{ namespace: 'jabber:server', name: 'body' }],
    bytes: 10,
    partner: {
      ...{ domain: 'partner.example', matched: 'partner.example', status: 'allowed' },
      ...{ class: 'federated', direction: 'both', tags: [], policy: 'default' },
    },
    mode: 'closed',
    ours: OURS,
    at: NOW,
  })
})

test('only message, presence and iq are stanzas', () => {
  assert.equal(stanzaKind('iq'), 'iq')
  assert.equal(stanzaKind('presence'), 'presence')
  assert.equal(stanzaKind('message'), 'message')
  assert.equal(stanzaKind('IQ'), undefined)
  assert.equal(stanzaKind('db:result'), undefined)
})
