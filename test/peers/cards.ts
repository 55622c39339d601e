// Users who log in by certificate at a real core, through the gateway: whom their cards stand for is let in as nobody else,
// and every other certificate opens nothing.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { crl } from '../support/crl.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, type Issued, type IssueOptions } from '../support/pki.ts'
import { clientHeader, RawClient, secured, type RawLogin } from '../support/raw-client.ts'
import type { StartServer } from '../support/server.ts'
import { RawWebSocket } from '../support/websocket-client.ts'
import { OURS, places, THEIRS } from './places.ts'
import { buildWorld } from './world.ts'

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const DENIED = `<failure xmlns='${SASL}'><not-authorized/></failure>`
const OFFERS = /<mechanism>EXTERNAL<\/mechanism>/

/** `=`, or whom the client wants to be. */
const auth = (authzid?: string): string =>
  `<auth xmlns='${SASL}' mechanism='EXTERNAL'>${authzid === undefined ? '=' : Buffer.from(authzid).toString('base64')}</auth>`

/** The word of the server on a log-in. */
async function say(o: RawLogin, authzid?: string): Promise<{ readonly features: string; readonly word: string }> {
  const { dialog, features } = await secured(o)
  const [word] = await dialog.say(auth(authzid)).expect(/<success[^>]*>|<failure.*?<\/failure>/s)
  await dialog[Symbol.asyncDispose]()
  return { features, word }
}

export function testCards(
  about: string,
  { number, core: startCore, passwords }: { number: number; core: StartServer; passwords: boolean },
): void {
  test(about, needsPeer('prosody', 'prosodyModules', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const at = places(number)
    const users = await makeCa({ commonName: 'Cards' })
    const partners = await makeCa({ commonName: 'Partners' })
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-cards-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const file = async (name: string, text: string | Buffer): Promise<string> => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const make = (o: Partial<IssueOptions>): Promise<Issued> => issue({ ca: users, ekus: ['clientAuth'], ...o })
    const alice = await make({ names: [`XMPP:alice@${OURS}`] })
    const revoked = await make({ names: [`XMPP:alice@${OURS}`] })
    const later = await make({ names: [`XMPP:carol@${OURS}`] })
    await file('cards.crl', crl({ ca: users, revoked: [revoked] }))
    const world = await buildWorld(t, {
      number,
      core: startCore,
      outside: { [THEIRS]: at.partner },
      settings: {
        listen: {
          federation: [{ host: at.outer, port: 5269 }],
          core: [{ host: at.inner, port: 5269 }],
          remote: [
            { host: at.outer, port: 5222 },
            { host: at.outer, port: 5223, tls: 'direct' },
            { host: at.outer, port: 443, websocket: '/ws' },
          ],
        },
        limits: { revocationAgain: '1s' },
        trust: {
          anchors: [await file('partners.pem', partners.pem)],
          crls: folder,
          fetch: false,
          cards: {
            issuers: [await file('users.pem', users.pem)],
            addresses: [
              { from: 'xmppAddr' },
              { from: 'email' },
              { from: 'upn', matches: '(\\d{10})@mil', pairs: await file('pairs.txt', `1234567890 dave@${OURS}\n`) },
            ],
          },
        },
      },
      remote: {
        policy: {
          groups: {
            'card-holders': [`alice@${OURS}`, `carol@${OURS}`, `dave@${OURS}`],
            'without-cards': [`erin@${OURS}`],
          },
          remote: {
            grants: [
              { to: ['card-holders'], certificate: 'required' },
              { to: ['without-cards'], certificate: 'forbidden' },
              { to: 'everyone', certificate: 'optional' },
            ],
          },
        },
      },
    })
    const { gateway, core } = world
    const step = async (what: string, run: () => Promise<void>): Promise<void> => {
      await t.test(what, async (one) => {
        try {
          await run()
        } catch (error) {
          one.diagnostic([gateway, core].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }
    const here = { host: at.outer, domain: OURS, user: '' }

    await step('`check --online` says that the core takes certificates', async () => {
      const line = (await gateway.checks('remote')).find((one) => one.includes('users can log in')) ?? ''
      assert.match(
        line,
        passwords ? /^ok: corp\.example: .*PLAIN.*, certificate$/ : /^ok: corp\.example: .* by certificate$/,
      )
    })
    for (const tls of ['starttls', 'direct'] as const) {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        await step(`over ${tls} and ${version} a card lets its holder in, and the roster is there`, async () => {
          const options = { minVersion: version, maxVersion: version }
          const { dialog, features } = await secured({ ...here, tls, options, certificate: alice })
          assert.match(features, OFFERS)
          assert.match((await dialog.say(auth()).expect(/<success[^>]*>|<failure.*?<\/failure>/s))[0], /^<success/)
          await dialog.say(clientHeader(OURS)).expect(/<stream:features>.*<\/stream:features>/s)
          const bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
          assert.match((await dialog.say(bind).expect(/<jid>([^<]*)/))[1] ?? '', new RegExp(`^alice@${OURS}/`))
          await dialog.say("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>").expect(/<iq[^>]*id='r'/)
          if (tls === 'direct' && version === 'TLSv1.3') {
            const { sessions } = await gateway.remote()
            assert.partialDeepStrictEqual(sessions, [{ user: `alice@${OURS}`, mechanism: 'EXTERNAL', phase: 'bound' }])
          }
          await dialog.say('</stream:stream>').end()
        })
      }
    }

    const where = { url: `wss://${at.outer}/ws`, domain: OURS, ca: world.publicCa }
    await step('over WebSocket a card lets its holder in as well, and another opens nothing', async () => {
      const holder = await RawWebSocket.open(where, { certificate: alice })
      assert.match(await holder.header(), OFFERS)
      await holder.say(auth()).expect(/^<success /)
      await holder.header()
      assert.match(await holder.bind('smart'), new RegExp(`^alice@${OURS}/`))
      holder.say("<iq xmlns='jabber:client' type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
      await holder.expect(/^<iq [^>]*id=['"]r/)
      const { sessions } = await gateway.remote()
      const mine = sessions.filter(({ transport, phase }) => transport === 'websocket' && phase === 'bound')
      assert.partialDeepStrictEqual(mine, [{ user: `alice@${OURS}`, mechanism: 'EXTERNAL' }])
      holder.cut()
      for (const certificate of [undefined, revoked]) {
        const other = await RawWebSocket.open(where, { certificate })
        assert.doesNotMatch(await other.header(), OFFERS)
        other.say(auth(`alice@${OURS}`))
        await other.expect(/^<failure .*<invalid-mechanism\/>/)
        other.cut()
      }
    })

    const opens: readonly (readonly [what: string, card: Issued, authzid: string | undefined, ok: boolean])[] = [
      ['its own address', alice, `alice@${OURS}`, true],
      ['its own address in capitals', alice, `ALICE@${OURS.toUpperCase()}`, true],
      ["another user's address", alice, `bob@${OURS}`, false],
      ['the address of nobody', alice, 'nonsense', false],
      ['an address in another domain', alice, `alice@${THEIRS}`, false],
      ['nothing, with an e-mail address in it', await make({ names: [`EMAIL:Bob@${OURS}`] }), undefined, true],
      ['nothing, with a number that is paired', await make({ names: ['UPN:1234567890@mil'] }), undefined, true],
      [
        'nothing, with two addresses',
        await make({ names: [`XMPP:alice@${OURS}`, `XMPP:carol@${OURS}`] }),
        undefined,
        false,
      ],
      [
        'one of its two addresses',
        await make({ names: [`XMPP:alice@${OURS}`, `XMPP:carol@${OURS}`] }),
        `carol@${OURS}`,
        true,
      ],
    ]
    for (const [what, certificate, authzid, ok] of opens) {
      await step(`a card that asks for ${what} is ${ok ? 'let in' : 'refused'}`, async () => {
        const { features, word } = await say({ ...here, certificate }, authzid)
        assert.match(features, OFFERS)
        if (ok) assert.match(word, /^<success/)
        else assert.equal(word, DENIED)
      })
    }

    const vain: readonly (readonly [what: string, card: Issued | undefined, reason: RegExp | undefined])[] = [
      ['no certificate', undefined, undefined],
      ['one of the CA of partners', await issue({ ca: partners, names: [`XMPP:alice@${OURS}`, OURS] }), /SP-306/],
      [
        'one of a CA of the same name',
        await issue({ ca: await makeCa({ commonName: 'Cards' }), names: [`XMPP:alice@${OURS}`] }),
        /SP-306/,
      ],
      ['one signed by itself', await issue({ names: [`XMPP:alice@${OURS}`], ekus: ['clientAuth'] }), /SP-304/],
      ['one expired', await make({ names: [`XMPP:alice@${OURS}`], expired: true }), /SP-302/],
      ['one revoked', revoked, /SP-33\d/],
      ['one for servers', await make({ names: [`XMPP:alice@${OURS}`], ekus: ['serverAuth'] }), /SP-318/],
      ['one that does not say what for', await make({ names: [`XMPP:alice@${OURS}`], ekus: [] }), /SP-881/],
      [
        'one with the address as common name',
        await make({ commonName: `alice@${OURS}`, names: ['alice.test'] }),
        /SP-882/,
      ],
      ['one of another domain', await make({ names: [`XMPP:alice@${THEIRS}`] }), /SP-882/],
      ['one of a user who may not', await make({ names: [`XMPP:erin@${OURS}`] }), /SP-885/],
    ]
    for (const [what, certificate, reason] of vain) {
      await step(`with ${what} EXTERNAL is not offered, and does not work`, async () => {
        const before = gateway.log.length
        const { features, word } = await say({ ...here, certificate }, `alice@${OURS}`)
        assert.doesNotMatch(features, OFFERS)
        assert.match(word, /<invalid-mechanism\/>/)
        if (reason)
          await gateway.log.expect(new RegExp(`"event":"log-in.card-refused".*${reason.source}`), { since: before })
      })
    }

    if (passwords) {
      await step(
        'where a card is required a password opens nothing, and the answer is that to a wrong one',
        async () => {
          for (const [user, certificate] of [
            ['alice', undefined],
            ['alice', alice],
          ] as const) {
            const login = RawClient.login({ ...here, user, mechanism: 'PLAIN', certificate })
            await assert.rejects(login, new RegExp(DENIED))
          }
          const login = RawClient.login({ ...here, user: 'alice', mechanism: 'SCRAM-SHA-1' })
          await assert.rejects(login, /not-authorized/)
        },
      )
      await step('others log in by password, whatever they show', async () => {
        for (const certificate of [undefined, alice, revoked]) {
          const client = await RawClient.login({ ...here, user: 'bob', mechanism: 'SCRAM-SHA-1', certificate })
          assert.match(await client.bind('x'), /^bob@/)
          await client.dialog[Symbol.asyncDispose]()
        }
      })
    }

    await step('a card that is revoked while its session is up ends it', async () => {
      const { dialog } = await secured({ ...here, certificate: later })
      await dialog.say(auth()).expect(/<success/)
      await dialog.say(clientHeader(OURS)).expect(/<stream:features>.*<\/stream:features>/s)
      const since = gateway.log.length
      await file('cards.crl', crl({ ca: users, revoked: [revoked, later], number: 2 }))
      await gateway.log.expect(/"event":"session.ended".*SP-889/, { since })
      await dialog.expect(/<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>/)
    })

    await step('a card that expires while its session is up ends it, over WebSocket too', async () => {
      const enter = async (lifeMs: number) => {
        const certificate = await make({ names: [`XMPP:dave@${OURS}`], notAfter: new Date(Date.now() + lifeMs) })
        const { dialog, features } = await secured({ ...here, certificate })
        const web = await RawWebSocket.open(where, { certificate })
        assert.match(features + (await web.header()), /EXTERNAL.*EXTERNAL/)
        await dialog.say(auth()).expect(/<success/)
        await dialog.say(clientHeader(OURS)).expect(/<stream:features>.*<\/stream:features>/s)
        await web.say(auth()).expect(/^<success /)
        return { dialog, web }
      }
      const since = gateway.log.length
      // On a busy machine a log-in may take longer than the first of these cards lives.
      const lives = [4_000, 15_000, 60_000]
      const life = async (): Promise<Awaited<ReturnType<typeof enter>>> => {
        const lifeMs = lives.shift()!
        return enter(lifeMs).catch((error: unknown) => (lives.length > 0 ? life() : Promise.reject(error as Error)))
      }
      const { dialog, web } = await life()
      await gateway.log.expect(/"event":"session.ended".*SP-889.*SP-302/, { since, ms: 90_000 })
      await dialog.expect(/<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>/)
      await web.expect(/^<stream:error .*<reset /)
      assert.equal(await web.closed, 1000)
    })

    await step('nothing of it is an error of ours', async () => {
      assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
      await Promise.resolve()
    })
  })
}
