// Many who guess passwords from many addresses, against a real core: of each account it hears no more than allowed, nobody
// can tell who there is, and users get in all the while.
//
// `TEST_GUESSES`: how many guesses there are; `npm run guesses` makes 20,000.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { ask } from '../../src/admin/client.ts'
import { remoteBlock, remoteEnd, remoteLocks, remoteSessions, remoteUnlock } from '../../src/admin/remote.ts'
import { Gateway } from '../support/gateway.ts'
import { Knock, type Tried } from '../support/log-in.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD } from '../support/server.ts'
import { OURS, places } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 87
const GUESSES = Number(process.env['TEST_GUESSES'] ?? 200)
const ADDRESSES = 200
/** Guessers that are at it at a time. */
const AT_ONCE = Math.min(100, GUESSES)
const PER_ACCOUNT = 4
const TARGETS = ['bob', 'carol', 'dave', 'nobody', 'somebody']

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

const POLICY = `remote:
  block: []
  grants:
    - to: everyone
      sessions: 2
`
test('guesses from many addresses', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: {},
    settings: {
      core: {
        ...{ address: `${at.core}:5269`, trust: 'certs/core/ca.pem', networks: ['127.0.0.0/8'] },
        clients: { address: `${at.core}:5222`, tls: 'starttls' },
      },
      listen: {
        federation: [{ host: at.outer, port: 5269 }],
        core: [{ host: at.inner, port: 5269 }],
        remote: [{ host: at.outer, port: 5223, tls: 'direct' }],
      },
      limits: { remoteFailuresPerAccount: PER_ACCOUNT, remoteRefusal: '500ms' },
    },
  })
  const { gateway, core } = world
  const policy = join(gateway.directory, 'federation-config', 'policy.yaml')
  await writeFile(policy, POLICY)
  await ask(gateway.directory, remoteBlock, { user: `erin@${OURS}` }) // Answers when the file is in force.
  const door = (from: string) => ({ host: at.outer, port: 5223, domain: OURS, from })
  const heard = (user: string): number => core.log.lines(new RegExp(`harness: no to ${user}$`)).length
  const stranger = (n: number): string => `127.${1 + (n % ADDRESSES)}.9.${1 + (n % 250)}`
  const logIn = async (user: string, from: string): Promise<string> => {
    using knock = await Knock.at(door(from))
    return knock ? (await knock.plain(user, PASSWORD)).outcome : 'turned away'
  }
  const tried: (Tried & { readonly user: string })[] = []

  await t.test('users log in from their own networks before', async () => {
    for (const user of ['bob', 'carol', 'alice']) assert.equal(await logIn(user, '127.250.1.1'), 'success', user)
  })

  await t.test(`${GUESSES} guesses from ${ADDRESSES} networks are all answered no`, async () => {
    let n = 0
    const state = { over: false }
    const guesser = async (): Promise<void> => {
      while (n < GUESSES) {
        const mine = n
        n += 2
        using knock = await Knock.at(door(stranger(mine / 2)))
        assert.ok(knock, 'turned away')
        for (let more = 0; more < 2; more++) {
          const user = TARGETS[(mine + more) % TARGETS.length] ?? ''
          tried.push({ ...(await knock.plain(user, `guess ${mine}`)), user })
        }
      }
    }
    /** Meanwhile those whom it concerns, at home, and one whom it does not, somewhere new each time. */
    const users = async (): Promise<number> => {
      let rounds = 0
      while (!state.over || rounds < 2) {
        assert.equal(await logIn('bob', '127.250.1.2'), 'success', 'bob at home')
        assert.equal(await logIn('carol', '127.250.1.3'), 'success', 'carol at home')
        assert.equal(await logIn('alice', `127.251.${rounds % 250}.1`), 'success', 'alice somewhere')
        rounds += 1
      }
      return rounds
    }
    const guessing = Promise.all(Array.from({ length: AT_ONCE }, guesser)).finally(() => (state.over = true))
    const [, rounds] = await Promise.all([guessing, users()])
    t.diagnostic(`${tried.length} answers, users logged in ${rounds} times meanwhile`)
    assert.ok(tried.length >= GUESSES)
    const outcomes = new Set(tried.map(({ outcome }) => outcome))
    assert.deepEqual([...outcomes], ['not-authorized'])
  })

  await t.test('of each account the core has heard of no more than allowed', () => {
    for (const user of TARGETS) assert.ok(heard(user) >= 1 && heard(user) <= PER_ACCOUNT, `${user}: ${heard(user)}`)
  })

  await t.test('what is locked is seen, and unlocked', async () => {
    const { locks } = await ask(gateway.directory, remoteLocks, {})
    for (const user of TARGETS)
      assert.ok(
        locks.some(({ kind, name }) => kind === 'account' && name === `${user}@${OURS}`),
        user,
      )
    assert.equal(await logIn('dave', '127.252.1.1'), 'not-authorized')
    await ask(gateway.directory, remoteUnlock, { name: `dave@${OURS}` })
    assert.equal(await logIn('dave', '127.252.2.1'), 'success')
  })

  await t.test('nobody can tell who there is, by words or by time', async () => {
    const shapes = new Map<string, Tried[]>()
    // Known with a wrong password, unknown, locked, blocked.
    for (const user of ['frank', 'stranger', 'nobody', 'erin']) {
      const all = await Promise.all(
        Array.from({ length: 2 }, async (_, n) => {
          using knock = await Knock.at(door(`127.253.${n}.${user.length}`))
          assert.ok(knock)
          return await knock.scram(user, 'wrong')
        }),
      )
      shapes.set(user, all)
    }
    for (const [user, all] of shapes) {
      for (const { outcome, challenged, ms } of all) {
        assert.deepEqual([outcome, challenged], ['not-authorized', true], user)
        assert.ok(ms >= 500, `${user} was answered after ${ms} ms`)
      }
    }
  })

  await t.test('nor by an answer that is none, or by giving up; and both count', async () => {
    const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
    const rubbish = `<response ${sasl}>${Buffer.from('rubbish').toString('base64')}</response>`
    for (const user of ['grace', 'nobody2']) {
      for (const [n, words, expected] of [
        [0, rubbish, 'not-authorized'],
        [1, `<response ${sasl}>%%%</response>`, 'not-authorized'],
        [2, `<abort ${sasl}/>`, 'aborted'],
        [3, `${rubbish}${rubbish}`, 'not-authorized'],
      ] as const) {
        // So that the core hears of all four.
        if (n === 2) await ask(gateway.directory, remoteUnlock, { name: `${user}@${OURS}` })
        using knock = await Knock.at(door(`127.254.${n}.${user.length}`))
        assert.ok(knock)
        const { outcome, challenged, ms } = await knock.odd(user, words)
        assert.deepEqual([outcome, challenged], [expected, true], `${user} ${words}`)
        assert.ok(ms >= 499, `${user} was answered after ${ms} ms`)
      }
    }
    const { locks } = await ask(gateway.directory, remoteLocks, {})
    for (const user of ['grace', 'nobody2'])
      assert.ok(
        locks.some(({ name }) => name === `${user}@${OURS}`),
        user,
      )
  })

  /** Somebody who has logged in and stays. */
  const stays = async (user: string, from: string): Promise<Knock> => {
    const knock = await Knock.at(door(from))
    assert.ok(knock)
    assert.equal((await knock.plain(user, PASSWORD)).outcome, 'success')
    return knock
  }

  await t.test('of the sessions of a user the newest stay', async () => {
    using first = await stays('heidi', '127.250.2.1')
    using second = await stays('heidi', '127.250.2.2')
    using third = await stays('heidi', '127.250.2.3')
    assert.equal(await first.parting(), 'conflict')
    const { sessions } = await ask(gateway.directory, remoteSessions, { user: `heidi@${OURS}` })
    assert.deepEqual(sessions.map(({ clientAddress }) => clientAddress).toSorted(), ['127.250.2.2', '127.250.2.3'])
    const { id: which = '' } = sessions.find(({ clientAddress }) => clientAddress.endsWith('.3')) ?? {}
    await ask(gateway.directory, remoteEnd, { which })
    assert.equal(await third.parting(), 'policy-violation')
    await ask(gateway.directory, remoteEnd, { which: `heidi@${OURS}` })
    assert.equal(await second.parting(), 'policy-violation')
  })

  await t.test('who is blocked is out at once, and others stay', async () => {
    using blocked = await stays('ivan', '127.250.3.1')
    using other = await stays('judy', '127.250.3.2')
    const since = performance.now()
    await writeFile(policy, POLICY.replace('block: []', `block: [erin@${OURS}, ivan@${OURS}]`))
    assert.equal(await blocked.parting(), 'policy-violation')
    t.diagnostic(`out ${Math.round(performance.now() - since)} ms after the file was written`)
    assert.equal(await logIn('ivan', '127.250.3.1'), 'not-authorized')
    const { sessions } = await ask(gateway.directory, remoteSessions, {})
    assert.deepEqual(
      sessions.map(({ user }) => user),
      [`judy@${OURS}`],
    )
    assert.ok(other)
  })

  await t.test('after a restart the core hears no more of whom it has heard of too often', async () => {
    const { locks } = await ask(gateway.directory, remoteLocks, {})
    const locked = (user: string): boolean => locks.some(({ name }) => name === `${user}@${OURS}`)
    assert.ok(locked('nobody2') && !locked('mallory'))
    assert.equal(await gateway.stop(), 0)
    const again = await Gateway.serve(t, gateway.directory)
    const before = heard('nobody2')
    using knock = await Knock.at(door('127.249.1.1'))
    assert.equal((await knock?.plain('nobody2', 'guess'))?.outcome, 'not-authorized')
    await again.log.expect(/"event":"log-in\.failed".*"reason":"SP-837"/)
    assert.equal(await logIn('mallory', '127.249.1.2'), 'success')
    assert.equal(heard('nobody2'), before)
    assert.deepEqual((await ask(gateway.directory, remoteLocks, {})).locks.toSorted(byName), locks.toSorted(byName))
  })
})
