// A real Prosody, in no entry, that misbehaves: it goes through all states of conduct, its users hear what becomes of what they send, and
// with time it comes back through all of them. Only the clock is made up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConductMove, WHILE_MS } from '../../src/policy/conduct/conducts.ts'
import { TwoHouse } from '../net/two-houses.ts'
import { Client, trustForClients, xml } from '../support/client.ts'
import { dns } from '../support/dns.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId } from './conversations/conversation.ts'

const [OURS, THEIRS] = ['corp.example', 'stranger.example'] as const
const [GATEWAY, PEER, DNS] = ['127.0.245.3', '127.0.245.4', '127.0.245.54'] as const
const MINUTE = 60_000
/** Prosody writes every request down. */
const SLOWLY = { ms: 40_000 }

test(
  'a real server that misbehaves goes through the states of conduct and back',
  needsPeer('prosody', 'dnsmasq', 'root'),
  async (t) => {
    const ca = await makeCa()
    trustForClients(ca)
    let ahead = 0
    const us = await TwoHouse.open(t, {
      ...{ domain: OURS, host: GATEWAY, other: { domain: THEIRS, host: PEER }, ca, bidi: true, strangers: 'open' },
      now: () => Date.now() + ahead,
      // What is too much is refused at once.
      limits: { smoothingMs: 0, conductHalfLifeMs: 2 * MINUTE },
    })
    await dns(t, { address: DNS, hosts: { [OURS]: GATEWAY }, federation: { [OURS]: { host: OURS } } })
    const certificate = await issue({ ca, names: [THEIRS] })
    const peer = await prosody(t, {
      ...{ address: PEER, dns: DNS, anchors: [ca], bidi: true },
      hosts: [{ domain: THEIRS, certificate, users: ['mallory', 'carol'] }],
    })
    const mallory = await Client.login(t, { user: 'mallory', domain: THEIRS, address: peer.address })
    const carol = await Client.login(t, { user: 'carol', domain: THEIRS, address: peer.address })
    const { conduct, house } = us.gateway
    const moves = (): readonly string[] =>
      us.told('moved').map(({ with: [move] }) => {
        const { domain, from, to, how } = move as ConductMove
        return `${domain} ${from} ${to} ${how}`
      })
    const reasons = (): readonly string[] =>
      us.told('refused').map(({ with: [, , refusal] }) => (refusal as { readonly reason: string }).reason)
    const pass = (ms: number): void => {
      ahead += ms
      conduct.tick()
    }
    /** She asks so many of ours for their presence, and a while is over. */
    const ask = async (people: number, first: number): Promise<void> => {
      const seen = (): number => us.numbers.length / 2 + us.told('refused').length
      const before = seen()
      for (let one = 0; one < people; one++)
        await mallory.send(xml('presence', { type: 'subscribe', to: `u${first + one}@${OURS}` }))
      // Once it is blocked the rest does not arrive.
      const arrived = (): true | undefined =>
        seen() >= before + people || house.admission(THEIRS) !== undefined || undefined
      await eventually('the requests arrive', arrived, SLOWLY)
      pass(WHILE_MS)
    }
    const writes = async (body: string): Promise<string> => {
      const id = freshId()
      await carol.send(xml('message', { type: 'chat', to: `anna@${OURS}`, id }, xml('body', {}, body)))
      return id
    }

    await writes('1')
    await eventually('words arrive', () => us.numbers.includes(1) || undefined)
    await t.test('it is let through less in each state, and at the end not at all', async () => {
      for (let burst = 0; burst < 12 && house.admission(THEIRS) === undefined; burst++) await ask(60, burst * 60)
      assert.deepEqual(moves(), [
        `${THEIRS} normal limited behaviour`,
        `${THEIRS} limited watch behaviour`,
        `${THEIRS} watch blocked behaviour`,
      ])
      assert.deepEqual([...new Set(reasons())], ['SP-153', 'SP-147'])
      assert.equal(house.admission(THEIRS), 'SP-162')
    })

    await t.test('its stream has ended, no other is taken, and all its users hear that nothing crosses', async () => {
      await eventually('its streams are gone', () => us.partnerStreams.length === 0 || undefined, SLOWLY)
      const id = await writes('2')
      const error = await carol.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      assert.match(conditionOf(error) ?? '', /^remote-server-(?:not-found|timeout)$|^policy-violation$|^not-allowed$/)
      assert.ok(!us.numbers.includes(2))
    })

    await t.test('time brings it back, state by state, until words cross again', async () => {
      for (let minute = 0; minute < 20; minute++) pass(MINUTE)
      assert.deepEqual(moves().slice(3), [
        `${THEIRS} blocked watch time`,
        `${THEIRS} watch limited time`,
        `${THEIRS} limited normal time`,
      ])
      assert.deepEqual([house.admission(THEIRS), conduct.list(THEIRS)], [undefined, []])
      await writes('3')
      await eventually('words arrive', () => us.numbers.includes(3) || undefined, SLOWLY)
    })
  },
)
