// A core that is told by PROXY protocol where each remote user comes from: ejabberd knows the client's address, not ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dialog } from '../support/dialog.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { Knock } from '../support/log-in.ts'
import { needsPeer } from '../support/peers.ts'
import { clientHeader } from '../support/raw-client.ts'
import { PASSWORD } from '../support/server.ts'
import { OURS, places } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 157

test('ejabberd is told where a remote user comes from', needsPeer('ejabberd', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const { gateway, core } = await buildWorld(t, {
    number: NUMBER,
    core: (one, options) => ejabberd(one, { ...options, proxyProtocol: true, bans: { failures: 3 } }),
    outside: {},
    remote: {},
    settings: {
      core: {
        ...{ address: `${at.core}:5269`, trust: 'certs/core/ca.pem', networks: ['127.0.0.0/8'] },
        clients: { address: `${at.core}:5222`, proxyProtocol: true },
      },
    },
  })
  for (const [from, mechanism] of [
    [`127.0.${NUMBER}.77`, 'PLAIN'],
    [`127.0.${NUMBER}.78`, 'SCRAM-SHA-1'],
  ] as const) {
    const since = core.log.length
    using knock = await Knock.at({ host: at.outer, port: 5223, domain: OURS, from })
    assert.ok(knock)
    const { outcome } = await (mechanism === 'PLAIN' ? knock.plain('alice', PASSWORD) : knock.scram('alice', PASSWORD))
    assert.equal(outcome, 'success')
    await core.log.expect(new RegExp(`Accepted c2s ${mechanism} authentication for alice@.* from ${from}\\b`), {
      since,
    })
  }
  // COMPAT: ejabberd 23.01, as Debian configures it, bans an address from which log-ins fail, for an hour: so that of whoever
  // guesses, and not that of the gateway, from which all come.
  const knockFrom = (from: string) => Knock.at({ host: at.outer, port: 5223, domain: OURS, from })
  for (let n = 0; n < 3; n++) {
    using knock = await knockFrom(`127.0.${NUMBER}.79`)
    // The last one hears it, or nothing.
    assert.match((await knock?.plain(`nobody${n}`, 'a guess'))?.outcome ?? '', /^(?:not-authorized|closed)$/)
  }
  assert.equal(await knockFrom(`127.0.${NUMBER}.79`), undefined, 'it is banned')
  using other = await knockFrom(`127.0.${NUMBER}.80`)
  assert.equal((await other?.plain('alice', PASSWORD))?.outcome, 'success')
  const [logIns = '', ...more] = (await gateway.checks('remote')).filter(
    (line) => !/by DNS|: clients are led/.test(line),
  )
  assert.match(logIns, /^ok: corp\.example: users can log in by .*SCRAM-SHA-1/)
  assert.deepEqual(
    more.filter((line) => line.startsWith('error')),
    [],
  )
  // It takes nobody who does not say it: that it was told is no accident.
  await using direct = await Dialog.open({ host: at.core, port: 5222 })
  assert.doesNotMatch(await direct.say(clientHeader(OURS)).end(), /stream:features/)
})
