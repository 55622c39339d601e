// A remote user with Converse.js in Chromium who has no password: the browser shows her certificate, the gateway logs her in at
// a real core by it, and whose certificate opens nothing is not let in.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChromium } from '../support/browser.ts'
import { xml } from '../support/client.ts'
import { byCard, Converse, serveConverse } from '../support/converse.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder, writeIdentity, type Issued } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { isMessage } from './conversations/conversation.ts'
import { outsiders } from './outsiders.ts'
import { OURS, places, side, THEIRS } from './places.ts'

const CORES: readonly (readonly [name: string, number: number, start: StartServer])[] = [
  ['prosody', 185, prosody],
  ['ejabberd', 186, ejabberd],
]
const PAGE = 'chat.example'

for (const [name, number, startCore] of CORES) {
  test(
    `Converse.js with a card outside, ${name} inside`,
    needsPeer('chromium', 'certutil', 'openssl', 'prosody', 'prosodyModules', 'ejabberd', 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const web = `127.0.${number}.5`
      const [users, strangers] = [await makeCa({ commonName: 'Cards' }), await makeCa({ commonName: 'Other cards' })]
      const issuers = join(await temporaryFolder(t), 'users.pem')
      await writeFile(issuers, users.pem)
      const { gateway, partner, publicCa, sessionOf } = await outsiders(t, {
        number,
        core: startCore,
        settings: {
          listen: {
            federation: [{ host: at.outer, port: 5269 }],
            core: [{ host: at.inner, port: 5269 }],
            remote: [{ host: at.outer, port: 443, websocket: '/xmpp-websocket', origins: [`https://${PAGE}`] }],
          },
          trust: {
            anchors: ['certs/anchors.pem'],
            revocation: 'off',
            cards: { issuers: [issuers], addresses: [{ from: 'xmppAddr' }] },
          },
        },
      })
      const certificate = await issue({ ca: publicCa, names: [PAGE] })
      await serveConverse(t, { address: web, certificate, settings: byCard(`alice@${OURS}`) })
      const browse = async (ca: Issued): Promise<Converse> => {
        const chromium = await startChromium(t, {
          names: { [OURS]: at.outer, [PAGE]: web },
          believed: [
            (await writeIdentity(await temporaryFolder(t), certificate)).certFile,
            join(gateway.directory, 'certs', OURS, 'fullchain.pem'),
          ],
          card: {
            certificate: await issue({ ca, names: [`XMPP:alice@${OURS}`], ekus: ['clientAuth'] }),
            at: `https://${OURS}`,
          },
        })
        return await Converse.open(chromium, `https://${PAGE}/`)
      }

      await t.test('her card lets her in, and she talks with a partner', async (one) => {
        await using alice = await browse(users)
        await alice.heard(/^<success\b/)
        const session = await eventually('her session', () => sessionOf('alice'))
        assert.partialDeepStrictEqual(session, { mechanism: 'EXTERNAL', transport: 'websocket' })
        await alice.expect('#controlbox', /CONTACTS/)
        const carol = await side(partner, THEIRS).login(one, 'carol')
        await carol.appear()
        await alice.show('chat', carol.bare)
        await alice.say(carol.bare, 'are you a partner')
        await carol.expect('the message', isMessage(session.address ?? '', 'are you a partner'))
        await carol.send(xml('message', { to: session.address, type: 'chat' }, xml('body', {}, 'yes')))
        await alice.expect('.chat-msg__text', /^yes$/)
        await alice.picture(`${name}-card`)
      })
      await t.test('the same name on a card of somebody else opens nothing', async () => {
        const since = gateway.log.length
        await using mallory = await browse(strangers)
        await gateway.log.expect(/"event":"log-in.card-refused".*"reason":"SP-306"/, { since })
        await mallory.expect('.conn-feedback', /./)
        assert.equal(await sessionOf('alice'), undefined)
        await mallory.picture(`${name}-card-refused`)
      })
    },
  )
}
