// Staples of our own are fetched before anybody asks, asked for anew before they end, and only what says "good" is kept.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { Stapling, type StaplingOptions } from '../../../src/gateway/stapling.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import { TAG, writeDer } from '../../../src/trust/der.ts'
import { identityOf, type Identity } from '../../../src/trust/identity.ts'
import type { FetchRequest } from '../../../src/trust/revocation/fetch.ts'
import { answerTo, responders, type ResponderOptions } from '../../support/ocsp.ts'
import { needsPeer } from '../../support/peers.ts'
import { type Issued, issue, makeCa, temporaryFolder } from '../../support/pki.ts'

const HOUR = 3_600_000

let ca: Issued
let below: Issued
let leaf: Issued
let bare: Issued

const MUST_STAPLE = {
  oid: '1.3.6.1.5.5.7.1.24',
  critical: false,
  value: writeDer(TAG.sequence, writeDer(TAG.integer, Buffer.from([5]))),
}

before(async () => {
  ca = await makeCa({ commonName: 'Root' })
  below = await makeCa({ ca, commonName: 'Below' })
  const extensions = [responders('http://ocsp.test/'), MUST_STAPLE]
  leaf = await issue({ ca: below, names: ['corp.test'], extensions })
  bare = await issue({ ca, names: ['corp.test'], extensions })
})

interface Scene {
  readonly stapling: Stapling
  readonly identity: Identity
  readonly requests: FetchRequest[]
  /** What the responder says from now on; undefined: it is down. */
  says: Partial<ResponderOptions> | undefined
  now: number
  /** Lets the time come at which something is asked, and waits for it. */
  tick(): Promise<void>
}

async function scene(
  t: TestContext,
  trust: { revocation?: string; fetch?: boolean; responder?: string } = {},
  of: Issued = leaf,
  issuers: readonly Issued[] = [],
): Promise<Scene> {
  const folder = await temporaryFolder(t)
  const identity = identityOf([{ fullchain: of.fullchainPem, privkey: of.keyPem }])
  let open: Promise<unknown> = Promise.resolve()
  const house = {
    ours: new Set(['corp.test', 'none.test']),
    ownIdentity: (domain: string) => (domain === 'corp.test' ? identity : undefined),
    issuersOf: () => issuers.map(({ der }) => readCertificate(der)).filter((one) => typeof one !== 'string'),
    settings: {
      domains: [{ domain: 'corp.test', certFile: 'fullchain.pem' }],
      trust: { revocation: 'soft', fetch: true, ...trust },
    },
  }
  const at: Scene = {
    identity,
    requests: [],
    says: { good: [of] },
    now: Date.now(),
    stapling: new Stapling({
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a house as is asked
      house: () => house as unknown as ReturnType<StaplingOptions['house']>,
      obtain: (request) => {
        at.requests.push(request)
        const answer = async (): Promise<Awaited<ReturnType<StaplingOptions['obtain']>>> => {
          if (!at.says || !request.body) return { ok: false, reason: 'SP-343', detail: 'nobody there' }
          const issuer = of.issuer ?? of
          return { ok: true, octets: await answerTo(folder, request.body.octets, { ca: issuer, ...at.says }) }
        }
        const answered = answer()
        open = answered
        return answered
      },
      keeper: undefined,
      most: () => ({ entries: 10, bytes: 100_000 }),
      now: () => at.now,
      fetched() {},
    }),
    async tick() {
      at.stapling.tick()
      await open
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  return at
}

const stapleAt = ({ identity, now }: Scene): Buffer | undefined => identity.staples[0]?.at(now)

suite('staples of our own', needsPeer('openssl'), () => {
  test('are fetched once, and asked for anew before they end; when that fails the old one serves on', async (t) => {
    const at = await scene(t)
    equal(stapleAt(at), undefined)
    at.stapling.tick()
    await at.tick()
    const first = stapleAt(at)
    ok(first)
    deepEqual([at.requests.length, at.requests[0]?.url, at.requests[0]?.by], [1, 'http://ocsp.test/', 'certificate'])
    at.now += 20 * HOUR
    await at.tick()
    equal(at.requests.length, 1)
    at.says = undefined
    at.now += 3.5 * HOUR // the answer's own day begins later than ours, on a busy machine by much
    await at.tick()
    deepEqual([at.requests.length, stapleAt(at)], [2, first])
    at.now += HOUR
    equal(stapleAt(at), undefined, 'out of date it is not sent')
    deepEqual(
      at.stapling.findings().map(({ severity, path }) => [severity, path]),
      [],
    )
    await at.tick()
    match(
      at.stapling.findings()[0]?.message ?? '',
      /must be shown with an OCSP staple, and there is none: nobody there/,
    )
  })
  test('say "good" or are not sent', async (t) => {
    for (const says of [{ revoked: [leaf] }, { good: [] }, { good: [leaf], signer: await makeCa() }]) {
      const at = await scene(t)
      at.says = says
      await at.tick()
      deepEqual([at.requests.length, stapleAt(at)], [1, undefined], JSON.stringify(Object.keys(says)))
      equal(at.stapling.findings()[0]?.severity, 'warning')
    }
  })
  test('are not asked for where nobody is to be asked', async (t) => {
    for (const [trust, words] of [
      [{ revocation: 'off' }, /`trust\.revocation` is off/],
      [{ fetch: false }, /`trust\.fetch` is false/],
    ] as const) {
      const at = await scene(t, trust)
      await at.tick()
      equal(at.requests.length, 0)
      match(at.stapling.findings()[0]?.message ?? '', words)
    }
    const plain = await scene(t, {}, await issue({ ca, names: ['corp.test'] }))
    await plain.tick()
    deepEqual([plain.requests.length, plain.stapling.findings()], [0, []])
  })
  test('are asked for at the operator’s responder, where there is one', async (t) => {
    const at = await scene(t, { responder: 'http://inside.test/' })
    await at.tick()
    deepEqual([at.requests[0]?.url, at.requests[0]?.by], ['http://inside.test/', 'operator'])
    ok(stapleAt(at))
  })
  test('need the certificate of the CA: of the file, or at hand', async (t) => {
    const without = await scene(t, {}, bare)
    await without.tick()
    equal(without.requests.length, 0)
    match(without.stapling.findings()[0]?.message ?? '', /the certificate of CN=Root is not in the file/)
    const at = await scene(t, {}, bare, [below, ca])
    await at.tick()
    ok(stapleAt(at))
  })
})
