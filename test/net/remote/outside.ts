// A gateway with every kind of entrance for remote users, before a core that does as it is told. Each client comes from an
// address of its own, by which what the gateway tells of it is found.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { readFile } from 'node:fs/promises'
import type { Limits } from '../../../src/config/limits.ts'
import type { Gateway } from '../../../src/gateway/gateway.ts'
import type { RemoteJournal, SessionEnd } from '../../../src/gateway/remote/journal.ts'
import { openLoginGate } from '../../../src/gateway/remote/login-guard.ts'
import type { Session } from '../../../src/gateway/remote/session.ts'
import type { ConnectionOrigin } from '../../../src/net/reception.ts'
import type { CloseEffect } from '../../../src/stream/types.ts'
import { Dialog } from '../../support/dialog.ts'
import { temporaryFolder } from '../../support/pki.ts'
import { clientHeader, STARTTLS } from '../../support/raw-client.ts'
import { eventually } from '../../support/within.ts'
import { evaluation } from '../evaluation.ts'
import { OURS, PASSWORD, ScriptedCore } from './scripted-core.ts'

export const PORTS = { starttls: 5222, direct: 5223, any: 5224, websocket: 5280 } as const
export type Way = keyof typeof PORTS
export const PATH = '/xmpp-websocket'
const CORE_PORT = 5322

export interface Told {
  readonly reason: string
  readonly condition: string | undefined
  readonly detail: string
}

export interface Outside {
  readonly host: string
  readonly gateway: Gateway
  readonly core: ScriptedCore
  /** The anchors of our certificate, PEM. */
  readonly ca: string
  /** Why whoever came from there is gone; waits for it. */
  told(from: string): Promise<Told>
  /** Reasons for which connections were not taken, with where they came from. */
  turnedAway(): readonly (readonly [from: string, reason: unknown])[]
  /** As `RemoteJournal` was told. */
  readonly all: readonly { readonly what: keyof RemoteJournal; readonly with: readonly unknown[] }[]
  /** A TCP connection from there. */
  knock(way: Way, from: string): Promise<Dialog>
  /** Secured, with nothing said within TLS. */
  secured(way: Way, from: string, options?: ConnectionOptions): Promise<Dialog>
  /** Nothing is left: of connections outside, of sessions, of connections inside. */
  empty(): Promise<void>
}

/** `host`: an address of loopback that a file of tests has to itself. */
export async function outside(t: TestContext, host: string, limits: Partial<Limits>): Promise<Outside> {
  const core = await ScriptedCore.open(host, CORE_PORT)
  t.after(() => core[Symbol.asyncDispose]())
  const listener = { host, proxyProtocol: [] } as const
  const web = { path: PATH, origins: undefined, url: undefined }
  const file = join(await temporaryFolder(t), 'secret')
  const gate = await openLoginGate({
    file,
    places: { recall: () => [], keep: () => true },
    failures: { recall: () => [], keep: () => true },
    now: Date.now,
    random: Math.random,
  })
  const { gateway, root, toldOfRemote, told } = await evaluation(
    t,
    host,
    (settings) => ({
      ...settings,
      core: { ...settings.core, clients: { ...settings.core.clients!, host, port: CORE_PORT } },
      listen: {
        ...settings.listen,
        remote: [
          { ...listener, port: PORTS.starttls, tls: 'starttls', web: undefined },
          { ...listener, port: PORTS.direct, tls: 'direct', web: undefined },
          { ...listener, port: PORTS.any, tls: 'any', web },
          { ...listener, port: PORTS.websocket, tls: 'none', web },
        ],
      },
      policy: {
        ...settings.policy,
        groups: {},
        remote: {
          block: [],
          grants: [{ to: 'everyone', networks: [], certificate: 'optional', sessions: 10, hours: undefined }],
        },
      },
      limits: { ...settings.limits, ...limits },
    }),
    gate,
  )
  const ca = await readFile(join(root, 'certs/lab/ca.pem'), 'utf8')
  const find = (from: string): Told | undefined => {
    for (const { what, with: parts } of toldOfRemote) {
      if (what === 'unsecured') {
        const [origin, { reason, condition, detail }] = parts as [ConnectionOrigin, CloseEffect]
        if (origin.remoteAddress === from) return { reason, condition, detail }
      }
      if (what === 'ended') {
        const [{ transport }, { reason, condition, detail }] = parts as [Session, SessionEnd]
        if (transport.facts.remoteAddress === from) return { reason, condition, detail }
      }
    }
    return undefined
  }
  const knock = (way: Way, from: string): Promise<Dialog> => Dialog.open({ host, port: PORTS[way], localAddress: from })
  return {
    ...{ host, gateway, core, ca, all: toldOfRemote, knock },
    told: (from) => eventually(`the end of who came from ${from}`, () => find(from), { everyMs: 20 }),
    turnedAway: () =>
      told('turnedAway').map(({ with: [origin, reason] }) => [(origin as ConnectionOrigin).remoteAddress, reason]),
    async secured(way, from, options = {}) {
      const dialog = await knock(way, from)
      if (way === 'starttls') {
        await dialog.say(clientHeader(OURS)).expect(/<\/stream:features>/)
        await dialog.say(STARTTLS).expect(/<proceed[^>]*>/)
      }
      await dialog.startTls({ servername: OURS, options })
      return dialog
    },
    async empty() {
      const left = (): string => {
        const open = gateway.listeners.filter(({ name }) => name === 'remote').map(({ connections }) => connections)
        return `${open.join(' ')} outside, ${gateway.remote!.figures.open} sessions, ${core.sessions.size} inside`
      }
      await eventually(left, () => (left() === '0 0 0 0 outside, 0 sessions, 0 inside' ? true : undefined))
      assert.deepEqual(
        toldOfRemote.filter(({ what }) => what === 'bug'),
        [],
      )
    },
  }
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
export const auth = (user: string, password = PASSWORD): string =>
  `<auth xmlns='${SASL}' mechanism='PLAIN'>${Buffer.from(`\0${user}\0${password}`).toString('base64')}</auth>`
export const bind = (resource: string): string =>
  `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`
export const HEADER = clientHeader(OURS)

/** Goes on, secured, to features after the log-in. */
export async function logIn(dialog: Dialog, user: string): Promise<Dialog> {
  await dialog.say(HEADER).expect(/<\/stream:features>/)
  await dialog.say(auth(user)).expect(/<success[^>]*>/)
  await dialog.say(HEADER).expect(/<\/stream:features>/)
  return dialog
}

/** The same, with an address. */
export async function bound(dialog: Dialog, user: string, resource = 'r'): Promise<Dialog> {
  await logIn(dialog, user)
  await dialog.say(bind(resource)).expect(/<jid>[^<]*<\/jid><\/bind><\/iq>/)
  return dialog
}
