// An operator puts the gateway in front of a server as Debian installs it, with nothing but what `quickstart` prints:
// core and gateway on one host, rooms as a second domain, certificates of a public CA, a partner outside. The lines are
// read from the command's output and applied to copies of Debian's files, so that they cannot drift from what works.

import assert from 'node:assert/strict'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import * as z from 'zod'
import { streamHeader } from '../../src/xml/write.ts'
import { Client, trustForClients, xml } from '../support/client.ts'
import { Dialog } from '../support/dialog.ts'
import { dns } from '../support/dns.ts'
import { Gateway } from '../support/gateway.ts'
import { Machine, Step } from '../support/machine.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder, writeAnchors } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import { Program, run } from '../support/program.ts'
import type { Cleanup, Log } from '../support/program.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId, isFrom, isMessage, referenceIn } from './conversations/conversation.ts'
import { conferenceOf, OURS, places, THEIRS } from './places.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

/** A server as Debian installs it, made the server of a domain by its operator. */
export interface StockServer {
  readonly kind: 'prosody' | 'ejabberd'
  /** Its certificate: of a CA of the organisation, or self-signed. */
  certificate(ca: Issued): Promise<Issued>
  /** A machine with its files, before the gateway comes. `address` is where clients find it. */
  install(t: Cleanup, o: { readonly address: string; readonly certificate: Issued }): Promise<Machine>
  /** Starts it; its users are alice and bob. */
  start(t: Cleanup, machine: Machine): Promise<{ readonly log: Log }>
}

export interface QuickstartOptions {
  readonly name: string
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  readonly core: StockServer
  readonly partner: StartServer
  /** More words for quickstart. */
  readonly words: readonly string[]
}

/** What quickstart says, as far as tests follow it. */
const Told = z.object({
  dns: z.array(z.string()),
  core: z.tuple([z.object({ kind: z.string(), steps: z.array(Step) })]),
})

const Checks = z.object({
  checks: z.array(
    z.object({ area: z.string(), severity: z.string(), subject: z.string(), act: z.string().optional() }),
  ),
})

const AT_ONCE_MS = 3_000
const CHECK = ['check', '--online', '--directory']

/** Sets everything up by the printed lines, and lets real users talk through it. */
export function testQuickstart(o: QuickstartOptions): void {
  test(o.name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'openssl', 'root'), async (t) => {
    const at = places(o.number)
    const [publicCa, houseCa] = [await makeCa(), await makeCa()]
    const coreCertificate = await o.core.certificate(houseCa)
    const machine = await o.core.install(t, { address: at.core, certificate: coreCertificate })

    // The operator makes the installation …
    const directory = await temporaryFolder(t)
    const coreTrust = await writeAnchors(join(directory, 'core.pem'), coreCertificate.issuer ?? coreCertificate)
    const told = Told.parse(
      await sallyport(directory, [
        'quickstart',
        OURS,
        ...pairs({ conference: conferenceOf(OURS), core: `${at.core}:5269`, 'core-kind': o.core.kind }),
        ...pairs({ 'core-trust': coreTrust, listen: at.outer }),
        ...['--remote', '--websocket'],
        ...o.words,
      ]),
    )
    const [{ steps }] = told.core
    for (const domain of [OURS, conferenceOf(OURS)]) await signRequest(directory, domain, publicCa)

    // … follows the lines at the core …
    await machine.follow(steps)
    await takeInternalCa(machine, steps, join(directory, 'certs/internal-ca/ca.pem'))
    const view = await serveView(t, machine)
    const core = await o.core.start(t, machine)

    // … publishes the records, and starts the gateway on a machine that asks the world's DNS.
    const outerDns = await dns(t, {
      address: at.outerDns,
      hosts: { [OURS]: at.outer, [`xmpp.${OURS}`]: at.outer, [`xmpp.${THEIRS}`]: at.partner },
      federation: { ...published(told.dns, '_xmpp-server'), ...theirFederation() },
      clients: published(told.dns, '_xmpp-client'),
      directClients: published(told.dns, '_xmpps-client'),
    })
    const edge = await Machine.make(t, { copies: [], dns: at.outerDns })
    const gateway = await Gateway.serve(t, directory, edge)
    const partner = await o.partner(t, {
      address: at.partner,
      dns: at.outerDns,
      anchors: [publicCa],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ ca: publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
          users: ['alice', 'bob'],
        },
      ],
    })
    trustForClients(publicCa, houseCa, coreCertificate)
    const ours = (one: Cleanup): Promise<Client> => login(one, OURS, at.core, 'alice')
    const theirs = (one: Cleanup): Promise<Client> => login(one, THEIRS, at.partner, 'bob')

    const publicAnchors = await writeAnchors(join(directory, 'public-anchors.pem'), publicCa)
    const checkOnline = (...words: readonly string[]): ReturnType<typeof run> =>
      edge.run('env', [`SSL_CERT_FILE=${publicAnchors}`, process.execPath, MAIN, ...CHECK, directory, ...words])

    const step = async (name: string, act: (one: TestContext) => Promise<void>): Promise<void> => {
      await t.test(name, async (one) => {
        try {
          await act(one)
        } catch (error) {
          one.diagnostic([gateway.log, core.log, partner.log, view, outerDns.log].map((log) => log.tail()).join('\n'))
          throw error
        }
      })
    }

    await step('check finds nothing wrong, the core and the published records included', async () => {
      const { code, stdout, stderr } = await checkOnline()
      assert.equal(code, 0, stdout + stderr)
      for (const domain of [OURS, conferenceOf(OURS)])
        assert.ok(stdout.includes(`${domain}: the core proves the name, and accepts the gateway`), stdout)
      const host = `xmpp.${OURS}`
      for (const words of [
        `${OURS}: users can log in by `,
        `${OURS}: clients are led to `,
        `${OURS}: clients in browsers find wss://${host}/xmpp-websocket by https://${OURS}/.well-known/host-meta`,
      ])
        assert.ok(stdout.includes(`ok       ${words}`), stdout)
    })
    await step('nobody logs in from outside before the example in policy.yaml is made to grant it', async (one) => {
      const outside = (): Promise<Client> => login(one, OURS, at.outer, 'alice')
      await assert.rejects(outside, /policy-violation|not-authorized/)
      await takeExample(join(directory, 'federation-config/policy.yaml'))
      const alice = await eventually('a grant', () => outside().catch(() => undefined))
      const bob = await login(one, OURS, at.core, 'bob')
      await Promise.all([alice.appear(), bob.appear()])
      await alice.send(xml('message', { to: bob.bare, type: 'chat', id: freshId() }, xml('body', {}, 'from outside')))
      await bob.expect('the words', isMessage(alice.jid, 'from outside'))
    })
    if (o.core.kind === 'ejabberd') {
      await step(
        'however many log-ins fail from the address of the gateway, the core lets remote users in',
        async (one) => {
          for (let attempt = 0; attempt < 25; attempt += 1) await failAt({ host: at.core, port: 5222 })
          const alice = await login(one, OURS, at.outer, 'alice')
          assert.ok(alice.online)
        },
      )
    }
    await step('a stranger is refused to our user at once, with the reason to be asked for', async (one) => {
      const alice = await ours(one)
      const id = freshId()
      await alice.send(xml('message', { to: `bob@${THEIRS}`, type: 'chat', id }, xml('body', {}, 'Hello?')))
      const error = await alice.expect('the refusal', (s) => s.attrs['id'] === id, AT_ONCE_MS)
      assert.equal(error.attrs['type'], 'error')
      assert.equal(conditionOf(error), 'not-allowed')
      assert.ok(isFrom(error, `bob@${THEIRS}`))
      assert.equal((await gateway.why(referenceIn(error))).reason, 'SP-101')
    })
    await step('with the partner allowed, words cross both ways at once', async (one) => {
      const anchor = await writeAnchors(join(directory, 'partner-ca.pem'), publicCa)
      await gateway.command('partner', 'add', THEIRS, '--also', conferenceOf(THEIRS), '--anchor', anchor)
      const [alice, bob] = [await ours(one), await theirs(one)]
      await Promise.all([alice.appear(), bob.appear()])
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const text = `hello ${freshId()}`
        await from.send(xml('message', { to: to.bare, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await to.expect('the words', isMessage(from.jid, text))
      }
    })
    await step(
      'nobody passes by the gateway: a public certificate is nothing to the core, and there is no dialback',
      async () => {
        const certificate = await issue({ ca: publicCa, names: [THEIRS] })
        await using d = await Dialog.open({ host: at.core, port: 5269 })
        const header = streamHeader({ to: OURS, from: THEIRS, lang: 'en', namespace: 'jabber:server', dialback: true })
        await d.say(header).expect(/<starttls/)
        await d.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").expect(/<proceed/)
        await d.startTls({ certificate })
        d.say(`${header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`)
        await d.expect(/<not-authorized/)
        assert.doesNotMatch(d.all, /urn:xmpp:features:dialback|<success/)
      },
    )
    await step('the partner finds our rooms', async (one) => {
      const bob = await theirs(one)
      const info = xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' })
      const answer = await bob.ask('get', conferenceOf(OURS), info)
      assert.equal(answer.attrs['type'], 'result', answer.toString())
      assert.equal(answer.getChild('query')?.getChild('identity')?.attrs['category'], 'conference')
    })
    await step('the view answers every question of the core, so that no resolver has to ask twice', () => {
      assert.ok(view.lines(/query\[SRV\]/).length > 0)
      assert.deepEqual(view.lines(/REFUSED|SERVFAIL/), [])
      return Promise.resolve()
    })
    await step('check tells of a core that does not trust the gateway, and of one that is not the core', async () => {
      for (const file of ['ca.pem', 'ca.key']) await rm(join(directory, 'certs/internal-ca', file))
      assert.match(await complaint(checkOnline('--json')), /Let the core trust certs\/internal-ca\/ca\.pem/)
      await writeAnchors(join(directory, 'certs/core/ca.pem'), publicCa)
      assert.match(await complaint(checkOnline('--json')), /where `core\.trust` points/)
    })
  })
}

/** What `check --json` says has to be done about the core. */
async function complaint(checking: ReturnType<typeof run>): Promise<string> {
  const { code, stdout } = await checking
  assert.equal(code, 1, stdout)
  const { checks } = Checks.parse(JSON.parse(stdout))
  const found = checks.find(
    ({ area, severity, subject }) => area === 'core' && severity === 'error' && subject === OURS,
  )
  return found?.act ?? stdout
}

/** `{ core: '…' }` → `--core …` */
export const pairs = (options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])

/** Runs a command with --json, in the installation. */
export async function sallyport(directory: string, words: readonly string[]): Promise<unknown> {
  const done = await run(process.execPath, [MAIN, ...words, '--directory', directory, '--json'])
  assert.equal(done.code, 0, done.stdout + done.stderr)
  return JSON.parse(done.stdout)
}

/** What a CA does with the request, and the operator with its answer. */
export async function signRequest(directory: string, domain: string, ca: Issued): Promise<void> {
  const folder = join(directory, 'certs', domain)
  const [caFile, keyFile] = [join(directory, 'public-ca.pem'), join(directory, 'public-ca.key')]
  await writeFile(caFile, ca.pem)
  await writeFile(keyFile, ca.keyPem)
  const [request, answer] = [join(folder, 'request.csr'), join(folder, 'fullchain.pem')]
  const words = `x509 -req -in ${request} -CA ${caFile} -CAkey ${keyFile} -copy_extensions copy -days 30 -out ${answer}`
  const done = await run('openssl', words.split(' '))
  assert.equal(done.code, 0, done.stderr)
}

/** Where to copy the internal CA is said in words: to the path in them. */
async function takeInternalCa(machine: Machine, steps: readonly Step[], file: string): Promise<void> {
  const [, target = ''] = steps.map(({ about }) => / to (\/\S+\.pem) on the core/.exec(about)).find(Boolean) ?? []
  assert.notEqual(target, '')
  await copyFile(file, machine.path(target))
}

/** dnsmasq with the printed lines and nothing else of substance. */
async function serveView(t: Cleanup, machine: Machine): Promise<Log> {
  const { log } = await Program.start(t, {
    name: 'dnsmasq, the view of the core',
    command: 'dnsmasq',
    args: [
      '--keep-in-foreground',
      '--user=root', // A change of user would clear the parent-death signal.
      '--pid-file=',
      '--log-queries',
      '--log-facility=-',
      `--conf-file=${machine.path('/etc/dnsmasq.d/sallyport.conf')}`,
    ],
    logFile: machine.path('dnsmasq.log'),
    ready: /started, version/,
  })
  return log
}

/** The example of policy.yaml, as an operator makes it hold: for the users of the test, from everywhere. */
async function takeExample(file: string): Promise<void> {
  const example = (await readFile(file, 'utf8')).split('\n#\n').slice(1).join('\n')
  const lines = example
    .replaceAll(/^# /gm, '')
    .replaceAll(/anna@|ben@/g, 'alice@')
    .replace(`, alice@${OURS}`, '')
  assert.match(lines, /^groups:$/m)
  await writeFile(file, lines.replace('[192.0.2.0/24]', '[127.0.0.0/8]'))
}

/** A wrong password, straight to a core. */
async function failAt(place: { readonly host: string; readonly port: number }): Promise<void> {
  await using d = await Dialog.open(place)
  const header = streamHeader({ to: OURS, lang: 'en', namespace: 'jabber:client' })
  await d.say(header).expect(/<starttls/)
  await d.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").expect(/<proceed/)
  await d.startTls({})
  await d.say(header).expect(/<mechanism/)
  const words = Buffer.from('\0nobody\0wrong').toString('base64')
  await d.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${words}</auth>`).expect(/<failure/)
}

/** `_xmpp-server._tcp.corp.example. 3600 IN SRV 0 5 5269 xmpp.corp.example.` → the view's notation. */
function published(
  records: readonly string[],
  service: string,
): Readonly<Record<string, { host: string; port: number }>> {
  const srv = new RegExp(String.raw`^${service}\._tcp\.(\S+)\. \d+ IN SRV \d+ \d+ (\d+) (\S+)\.$`)
  return Object.fromEntries(
    records.flatMap((record) => {
      const [, domain, port, host] = srv.exec(record) ?? []
      return domain === undefined || host === undefined ? [] : [[domain, { host, port: Number(port) }]]
    }),
  )
}

function theirFederation(): Readonly<Record<string, { host: string }>> {
  return Object.fromEntries([THEIRS, conferenceOf(THEIRS)].map((name) => [name, { host: `xmpp.${THEIRS}` }]))
}

const login = (t: Cleanup, domain: string, address: string, user: string): Promise<Client> =>
  Client.login(t, { domain, address, user })
