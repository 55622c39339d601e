// The whole gateway between the lab's core and its partners, over loopback with real TLS, in one process: what tests of
// it share.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/settings.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import { House } from '../../src/gateway/house.ts'
import type { Journal } from '../../src/gateway/journal.ts'
import type { LoginGate } from '../../src/gateway/remote/gate.ts'
import type { RemoteJournal } from '../../src/gateway/remote/journal.ts'
import type { Ending } from '../../src/lab/conversation.ts'
import { Lab, type LabNews } from '../../src/lab/lab.ts'
import { makeEvaluation } from '../../src/lab/setup.ts'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { DialbackKeys } from '../../src/trust/dialback-key.ts'
import { openInternalCa } from '../../src/trust/internal-ca.ts'
import { OwnCertificates } from '../../src/trust/own-certificates.ts'
import { formatReference } from '../../src/xmpp/reference.ts'

export interface Told {
  readonly what: keyof Journal
  readonly with: readonly unknown[]
}

/** `host`: an address of loopback that a file of tests has to itself. */
export async function evaluation(
  t: TestContext,
  host: string,
  change: (settings: Settings) => Settings = (settings) => settings,
  gate?: (house: () => House) => LoginGate,
) {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await makeEvaluation(root, Date.now(), host)
  const { settings: read, partners, findings } = await loadConfig(join(root, 'federation-config'))
  assert.ok(read, JSON.stringify(findings))
  const settings = change(read)
  const { own } = await OwnCertificates.load(settings.domains, { now: Date.now, watch: false })
  const directory = join(root, 'certs', 'internal-ca')
  const { ca, findings: caFindings } = await openInternalCa({ directory, excludes: ['corp.example'], now: Date.now })
  assert.ok(ca, JSON.stringify(caFindings))
  const build = async (list: readonly Partner[], changed: Settings = settings): Promise<House> =>
    (await House.build({ settings: changed, partners: list, own, ca, now: () => clock() })).house
  let ahead = 0
  const clock = (): number => Date.now() + ahead
  const told: Told[] = []
  const journal = new Proxy({} as Journal, {
    get:
      (_, what: keyof Journal) =>
      (...rest: readonly unknown[]) =>
        told.push({ what, with: rest }),
  })
  const toldOfRemote: { readonly what: keyof RemoteJournal; readonly with: readonly unknown[] }[] = []
  const remoteJournal = new Proxy({} as RemoteJournal, {
    get:
      (_, what: keyof RemoteJournal) =>
      (...rest: readonly unknown[]) =>
        toldOfRemote.push({ what, with: rest }),
  })
  const reference = (): string => formatReference(randomBytes(8))
  const gateway = await Gateway.start({
    house: await build(partners),
    journal,
    now: clock,
    reference,
    random: Math.random,
    keys: new DialbackKeys(randomBytes(32)),
    ...(gate && { remote: { journal: remoteJournal, gate } }),
  })
  t.after(() => gateway[Symbol.asyncDispose]())
  const lab = await Lab.start({
    root,
    internalCa: join(directory, 'ca.pem'),
    host,
    limits: DEFAULT_LIMITS,
    now: Date.now,
  })
  t.after(() => lab[Symbol.asyncDispose]())
  const told_ = (what: keyof Journal): readonly Told[] => told.filter((one) => one.what === what)
  const later = (ms: number): void => void (ahead = ms)
  return { root, later, settings, gateway, lab, own, partners, build, told: told_, toldOfRemote }
}

/** The first event after `after` that fits. */
export async function first(lab: Lab, after: number, fits: (news: LabNews) => boolean, ms = 5000): Promise<LabNews> {
  const until = Date.now() + ms
  const seen: LabNews[] = []
  let last = after
  for (;;) {
    const news = await lab.events(last, 500)
    const found = news.find(fits)
    if (found) return found
    seen.push(...news)
    last = news.at(-1)?.number ?? last
    assert.ok(Date.now() < until, `nothing that fits among ${JSON.stringify(seen.slice(-10))}`)
  }
}

export const fits =
  (ending: Ending, id: string) =>
  (news: LabNews): boolean => {
    if (news.domain !== ending.at) return false
    if (ending.kind === 'stream') return news.kind === 'refused' && news.condition === ending.condition
    if (news.kind !== 'received') return false
    if (ending.kind === 'arrives') return ending.like.test(news.stanza)
    return news.stanza.includes(`id="${id}"`) && news.stanza.includes(`<${ending.condition} `)
  }

export const chat = (from: string, to: string, id: string): string =>
  `<message type='chat' from='${from}' to='${to}' id='${id}'><body>hello</body></message>`

/** One stream each way on both legs. */
export async function conversing(lab: Lab): Promise<void> {
  const arrived = (id: string) => (news: LabNews) => news.kind === 'received' && news.stanza.includes(`id="${id}"`)
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'in'))
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out'))
  await first(lab, 0, arrived('in'))
  await first(lab, 0, arrived('out'))
}
