// How stock servers fare under the stricter profiles: with certificates that the profile permits and a list of what their CA
// has revoked, words cross both ways, by suites and groups of the profile.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { PROFILES } from '../../src/trust/profiles/profiles.ts'
import { Client, xml } from '../support/client.ts'
import { crl } from '../support/crl.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const STRONG = { key: 'p384', hash: 'SHA-384' } as const
const NUMBERS = { nato: 176, dod: 177 } as const
const SERVERS: Readonly<Record<string, StartServer>> = { 'prosody.example': prosody, 'ejabberd.example': ejabberd }

for (const name of ['nato', 'dod'] as const)
  test(`Prosody and ejabberd under ${name}`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const number = NUMBERS[name]
    const addressOf = (domain: string): string => `127.0.${number}.${domain.startsWith('prosody') ? 4 : 5}`
    const domains = Object.keys(SERVERS)
    const world = await buildWorld(t, {
      number,
      core: prosody,
      certificates: STRONG,
      outside: Object.fromEntries(domains.map((domain) => [domain, addressOf(domain)])),
      partners: Object.fromEntries(domains.map((domain) => [domain, { status: 'allowed' }])),
      settings: {
        federation: { profile: name, fips: 'reported', bidi: false },
        trust: { anchors: ['certs/anchors.pem'], crls: 'certs/crls', fetch: false },
      },
    })
    const { gateway, core, publicCa: ca } = world
    await mkdir(join(gateway.directory, 'certs/crls'), { recursive: true })
    await writeFile(join(gateway.directory, 'certs/crls/public.crl'), crl({ ca, hash: STRONG.hash }))
    const alice = await side(core, OURS).login(t, 'alice')
    const servers = await Promise.all(
      Object.entries(SERVERS).map(async ([domain, start]) => {
        const hosts = [{ domain, certificate: await issue({ ca, names: [domain], ...STRONG }), users: ['bob'] }]
        const [address, dns] = [addressOf(domain), places(number).outerDns]
        return { domain, server: await start(t, { address, dns, anchors: [ca], hosts }) }
      }),
    )
    for (const { domain, server } of servers) {
      const bob = await Client.login(t, { user: 'bob', domain, address: server.address, unverified: true })
      const [there, back] = [`to ${domain} ${freshId()}`, `from ${domain} ${freshId()}`]
      await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, there)))
      await bob.expect('the message', isMessage(alice.jid, there))
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id: freshId() }, xml('body', {}, back)))
      await alice.expect('the answer', isMessage(bob.jid, back))
    }
    const { suites, olderSuites } = PROFILES[name]
    const streams = (await gateway.streams()).filter(({ leg }) => leg === 'partner')
    assert.equal(streams.length, 4)
    for (const { tls, role, remote } of streams) {
      const { cipher = '', group } = tls ?? {}
      assert.ok([...suites.is, ...olderSuites.is].includes(cipher), `${remote} ${cipher}`)
      // OpenSSL 3.0 has no hybrids; P-384 is what is left, and Node tells only of those that we opened.
      assert.equal(group, role === 'initiating' ? 'secp384r1' : undefined, remote)
    }
  })
