// Two gateways that federate, each with a core of its own that does nothing but write numbers and read them: in one process,
// over loopback, with real TLS.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import type { Limits } from '../../src/config/limits.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import { House } from '../../src/gateway/house.ts'
import type { Journal } from '../../src/gateway/journal.ts'
import { dial } from '../../src/net/dial.ts'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import { Listener } from '../../src/net/listener.ts'
import type { Stream } from '../../src/net/stream.ts'
import type { FederationMode, Partner } from '../../src/policy/partner.ts'
import { DialbackKeys } from '../../src/trust/dialback-key.ts'
import { openInternalCa } from '../../src/trust/internal-ca.ts'
import type { Verdict } from '../../src/trust/verdict.ts'
import { OwnCertificates } from '../../src/trust/own-certificates.ts'
import { formatReference } from '../../src/xmpp/reference.ts'
import { type Issued, issue, makeCa, temporaryFolder, writeAnchors, writeIdentity } from '../support/pki.ts'
import { identityOf } from './gate.ts'

const FEDERATION = 5269
const INNER = 5270
const CORE = 5280

export interface HouseOptions {
  readonly domain: string
  readonly host: string
  readonly other: { readonly domain: string; readonly host: string }
  /** Whom both gateways believe. */
  readonly ca: Issued
  /** More of gateway.yaml. */
  readonly trust?: Readonly<Record<string, unknown>>
  readonly bidi: boolean
  /** No entry of its own for the other one: who may come then. */
  readonly strangers?: FederationMode
  readonly limits?: Partial<Limits>
  /** Default: the real time. */
  now?(): number
  /** How long its certificate holds. */
  readonly livesMs?: number
}

export interface Told {
  readonly what: keyof Journal
  readonly with: readonly unknown[]
}

/** A gateway and its core. */
export class TwoHouse {
  readonly #o: HouseOptions
  readonly gateway: Gateway
  readonly #core: Issued
  readonly #told: Told[]
  readonly #build: (partners: readonly Partner[]) => Promise<House>
  readonly partners: readonly Partner[]
  /** What reached the core, in order: the numbers, or what came instead. */
  readonly numbers: (number | string)[] = []
  #room = Promise.withResolvers<void>()

  private constructor(
    o: HouseOptions,
    parts: {
      readonly gateway: Gateway
      readonly core: Issued
      readonly told: Told[]
      readonly partners: readonly Partner[]
      readonly build: (partners: readonly Partner[]) => Promise<House>
    },
  ) {
    this.#o = o
    this.gateway = parts.gateway
    this.#core = parts.core
    this.#told = parts.told
    this.partners = parts.partners
    this.#build = parts.build
  }

  static async open(t: TestContext, o: HouseOptions): Promise<TwoHouse> {
    const root = await temporaryFolder(t)
    const coreCa = await makeCa()
    const lives = o.livesMs === undefined ? {} : { notAfter: new Date(Date.now() + o.livesMs) }
    const core = await issue({ ca: coreCa, names: [o.domain] })
    await writeIdentity(join(root, 'certs', o.domain), await issue({ ca: o.ca, names: [o.domain], ...lives }))
    await writeAnchors(join(root, 'certs/anchors.pem'), o.ca)
    await writeAnchors(join(root, 'certs/core.pem'), coreCa)
    await mkdir(join(root, 'federation-config/partners'), { recursive: true })
    const yaml = async (name: string, content: unknown): Promise<void> =>
      writeFile(join(root, 'federation-config', name), stringify(content))
    await yaml('gateway.yaml', {
      domains: { [o.domain]: {} },
      core: { address: `${o.host}:${CORE}`, trust: 'certs/core.pem', networks: ['127.0.0.0/8'] },
      listen: {
        federation: [{ host: o.host, port: FEDERATION }],
        core: [{ host: o.host, port: INNER }],
      },
      federation: { bidi: o.bidi },
      trust: { anchors: ['certs/anchors.pem'], revocation: 'off', ...o.trust },
    })
    const connect = [{ host: o.other.host, port: FEDERATION }]
    if (o.strangers === undefined)
      await yaml(`partners/${o.other.domain}.yaml`, { domain: o.other.domain, status: 'allowed', connect })
    const { settings: read, partners, findings } = await loadConfig(join(root, 'federation-config'))
    assert.ok(read, JSON.stringify(findings))
    const { federation } = read
    const mode = o.strangers ?? federation.mode
    const settings = { ...read, federation: { ...federation, mode }, limits: { ...read.limits, ...o.limits } }
    const now = (): number => o.now?.() ?? Date.now()
    const { own } = await OwnCertificates.load(settings.domains, { now: Date.now, watch: false })
    const directory = join(root, 'certs/internal-ca')
    const { ca } = await openInternalCa({ directory, excludes: [o.domain], now: Date.now })
    assert.ok(ca)
    const build = async (list: readonly Partner[]): Promise<House> =>
      (await House.build({ settings, partners: list, own, ca, now })).house
    const told: Told[] = []
    const journal = new Proxy({} as Journal, {
      get:
        (_, what: keyof Journal) =>
        (...rest: readonly unknown[]) =>
          void (what !== 'passed' && what !== 'ledgers' && told.push({ what, with: rest })),
    })
    const gateway = await Gateway.start({
      house: await build(partners),
      journal,
      now,
      reference: () => formatReference(randomBytes(8)),
      random: Math.random,
      keys: new DialbackKeys(randomBytes(32)),
    })
    t.after(() => gateway[Symbol.asyncDispose]())
    const house = new TwoHouse(o, { gateway, core, told, partners, build })
    await house.#listen(t)
    return house
  }

  /** What was told of a kind, but for every stanza that passed. */
  told(what: keyof Journal): readonly Told[] {
    return this.#told.filter((one) => one.what === what)
  }

  /** What went wrong, in short: each reason and how often. */
  get bad(): readonly string[] {
    const reasons = this.#told.flatMap(({ what, with: [first, , , refusal] }) => {
      if (what === 'bug') return [`bug: ${String(first)}`]
      if (what === 'notOpened') return [`not opened: ${reasonOf(first)}`]
      return what === 'bounced' ? [`bounced: ${reasonOf(refusal)}`] : []
    })
    return [...new Set(reasons)].map((one) => `${one}, ${reasons.filter((other) => other === one).length} times`)
  }

  /** Other terms for the partner. */
  async change(terms: Partial<Partner>): Promise<void> {
    this.gateway.apply(await this.#build(this.partners.map((one): Partner => ({ ...one, ...terms }))))
  }

  /** How many streams with the partner there are. */
  get partnerStreams(): readonly Stream[] {
    return [...this.gateway.streams.all()].filter(({ info }) => info.leg === 'partner')
  }

  /** The core's stream to the gateway. */
  async reach(t: TestContext): Promise<Stream> {
    const result = await dial(
      {
        pair: { local: this.#o.domain, remote: this.#o.other.domain },
        leg: 'core',
        targets: [{ host: this.#o.host, port: INNER, tls: 'starttls' }],
        identity: identityOf(this.#core),
        verify: () => Promise.resolve(this.#believed()),
        limits: DEFAULT_LIMITS,
        reference: 'core',
        bug: (error) => assert.fail(String(error)),
      },
      () => ({
        frame() {},
        drained: () => {
          this.#room.resolve()
          this.#room = Promise.withResolvers()
        },
        closed() {},
      }),
    )
    if (!result.ok) return assert.fail(`${result.failure.reason}: ${result.failure.detail}`)
    t.after(() => result.stream.destroy())
    return result.stream
  }

  /** The core writes numbers to the other one, up to `count`, evenly over so long, or no faster than they are taken. */
  async write(stream: Stream, count: number, overMs: number, first = 0): Promise<void> {
    const { domain, other } = this.#o
    const begun = performance.now()
    for (let next = first; next < count;) {
      const due = Math.min(count, Math.ceil(((performance.now() - begun) / overMs) * count))
      assert.ok(stream.open, 'the stream of the core has ended')
      let room = true
      for (; next < due && room; next++) {
        const body = `<body>${next}</body>`
        room = stream.send(Buffer.from(`<message from='a@${domain}' to='b@${other.domain}'>${body}</message>`))
      }
      if (!room) await this.#room.promise
      else await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Its gateway is beside it, and nobody else. */
  #believed(): Verdict {
    return { proven: true, certificate: identityOf(this.#core).certificate, anchor: 'beside it' }
  }

  async #listen(t: TestContext): Promise<void> {
    const { domain, host } = this.#o
    const identity = identityOf(this.#core)
    const listener = await Listener.open({
      name: 'core',
      host,
      port: CORE,
      limits: () => DEFAULT_LIMITS,
      reception: {
        rules: () => ({ opens: () => undefined, admits: () => undefined }),
        leg: () => 'core',
        identity: () => Promise.resolve(identity),
        verify: () => Promise.resolve(this.#believed()),
        ready: () => ({
          frame: ({ bytes }) => {
            const text = bytes.toString()
            this.numbers.push(Number(/<body>(\d+)<\/body><\/message>$/.exec(text)?.[1] ?? Number.NaN))
            if (text.includes("type='error'") || Number.isNaN(this.numbers.at(-1))) this.numbers.push(text)
          },
          drained() {},
          closed() {},
        }),
        failed: (failure) => assert.fail(`${domain}: ${failure.reason} ${failure.detail}`),
        reference: () => 'core',
      },
    })
    t.after(() => listener[Symbol.asyncDispose]())
  }
}

const reasonOf = (failure: unknown): string => {
  const { reason, detail } = failure as { readonly reason: string; readonly detail: string }
  return `${reason} ${detail}`
}
