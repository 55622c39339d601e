// The gateway as a process: how it starts, what keeps it from starting, what it does with changed files, how it ends.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeEvaluation } from '../../src/lab/setup.ts'
import { Dialog, DialogHost } from '../support/dialog.ts'
import { issue, makeCa, writeAnchors, writeIdentity } from '../support/pki.ts'
import { within } from '../support/within.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

async function installation(t: TestContext, host: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await makeEvaluation(root, Date.now(), host)
  return root
}

interface Ended {
  readonly code: number | null
  /** All that was said, wherever. */
  readonly text: string
  /** What was said on standard output. */
  readonly out: string
}

/** A command that runs to its end. */
async function sallyport(root: string, ...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words, '--directory', root])
  let text = ''
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text, out }
}

interface Served {
  readonly child: ChildProcess
  /** All that was said, wherever. */
  readonly log: () => string
  /** What was said on standard output. */
  readonly out: () => string
  /** Resolves when a line of the log fits, from the start on. */
  readonly says: (what: RegExp) => Promise<void>
  readonly stop: () => Promise<number | null>
}

async function serve(t: TestContext, root: string, command: 'serve' | 'start' = 'serve'): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, command, '--directory', root])
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const closed = once(child, 'close')
  const says = async (what: RegExp): Promise<void> => {
    while (!what.test(text)) {
      assert.equal(child.exitCode, null, text)
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed])
    }
  }
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    const [code] = (await closed) as [number | null]
    return code
  }
  await says(/gateway\.started/)
  return { child, log: () => text, out: () => out, says, stop }
}

test('every mistake is named with file and line, nothing listens, and the exit code is 78', async (t) => {
  const root = await installation(t, '127.0.7.11')
  await appendFile(join(root, 'federation-config', 'gateway.yaml'), 'limits: { negotiation: soon }\nlsten: {}\n')
  await appendFile(join(root, 'federation-config', 'partners', 'aurora.example.yaml'), 'expires: tomorrow\n')
  const { code, text, out } = await sallyport(root, 'serve')
  assert.equal(code, 78, text)
  assert.equal(out, '', 'standard output is for the log')
  assert.match(text, /Nothing was started/)
  assert.match(text, /gateway\.yaml:\d+: limits\.negotiation: write a duration as/)
  assert.match(text, /gateway\.yaml:\d+: lsten: unknown key; did you mean "listen"\?/)
  assert.match(text, /aurora\.example\.yaml:\d+: expires: /)
})

test('with --json every mistake is in one document, and the exit code is 78', async (t) => {
  const root = await installation(t, '127.0.7.21')
  await appendFile(join(root, 'federation-config', 'gateway.yaml'), 'limits: { negotiation: soon }\nlsten: {}\n')
  for (const command of ['serve', 'start']) {
    const { code, text, out } = await sallyport(root, command, '--json')
    assert.equal(code, 78, text)
    assert.equal(text, out, 'nothing beside it')
    const { findings } = JSON.parse(out) as { findings: { severity: string; path: string; line: number }[] }
    assert.deepEqual(
      findings.map(({ severity, path, line }) => [severity, path, line > 1]),
      [
        ['error', 'limits.negotiation', true],
        ['error', 'lsten', true],
      ],
    )
  }
})

test('a certificate that is missing is in the document too', async (t) => {
  const root = await installation(t, '127.0.7.22')
  await rm(join(root, 'certs', 'corp.example', 'privkey.pem'))
  const { code, out } = await sallyport(root, 'serve', '--json')
  assert.equal(code, 78, out)
  const { findings } = JSON.parse(out) as { findings: { file: string }[] }
  assert.ok(findings.some(({ file }) => file.endsWith('certs/corp.example/privkey.pem')))
})

test('from a fresh directory to the end, standard output has the log and nothing else, whatever is told beside it', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  // What makes a set-up in a fresh directory makes it for these ports, on 127.0.0.1.
  const gateway = await serve(t, root, 'start').catch((error: unknown) => {
    if (!/in use by another program/.test(String(error))) throw error
    assert.equal(process.env['REQUIRE_PEERS'], undefined, String(error))
    return undefined
  })
  if (gateway === undefined) return t.skip('another gateway holds the ports of an evaluation set-up')
  await gateway.says(/In a second terminal/)
  assert.equal(await gateway.stop(), 0)
  const events = gateway
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event)
  assert.ok(events.includes('gateway.started') && events.includes('gateway.stopped'), String(events))
  assert.match(gateway.log(), /Made an evaluation set-up/)
})

test('a missing key and a missing core CA are both named', async (t) => {
  const root = await installation(t, '127.0.7.12')
  await rm(join(root, 'certs', 'corp.example', 'privkey.pem'))
  await rm(join(root, 'certs', 'lab', 'ca.pem'))
  const { code, text } = await sallyport(root, 'serve')
  assert.equal(code, 78, text)
  assert.match(text, /certs\/corp\.example\/privkey\.pem/)
  assert.match(text, /certs\/lab\/ca\.pem: core\.trust: no such file/)
})

test('evaluation certificates are refused where strangers could meet them', async (t) => {
  const root = await installation(t, '127.0.7.13')
  const file = join(root, 'federation-config', 'gateway.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replace('evaluation: true', 'evaluation: false').replace('host: 127.0.7.13, port: 15269', 'port: 15299'),
  )
  const result = await sallyport(root, 'serve')
  assert.equal(result.code, 78, result.text)
  assert.match(result.text, /an evaluation certificate, but every address is listened on/)
})

test('a port in use is said in plain words, with what to do', async (t) => {
  const root = await installation(t, '127.0.7.14')
  const other = createServer().listen(15_269, '127.0.7.14')
  await once(other, 'listening')
  t.after(() => other.close())
  const { code, text } = await sallyport(root, 'serve')
  assert.equal(code, 1, text)
  assert.match(text, /127\.0\.7\.14 port 15269 is in use by another program/)
  assert.doesNotMatch(text, / at .*\.ts:\d+/, 'no stack trace')
})

test('it starts, says so, refuses a second one in its directory, and ends in order on SIGTERM', async (t) => {
  const root = await installation(t, '127.0.7.15')
  const gateway = await serve(t, root)
  const second = await sallyport(root, 'serve')
  assert.equal(second.code, 1)
  assert.match(second.text, /is running .* already/)
  assert.equal((await sallyport(root, 'status', '--json')).code, 0)
  assert.equal(await gateway.stop(), 0, gateway.log())
  assert.match(gateway.log(), /"event":"gateway\.stopped"/)
  assert.equal((await sallyport(root, 'status')).code, 1)
})

test('a fault in the files keeps the old settings and is said loudly until it is mended', async (t) => {
  const root = await installation(t, '127.0.7.16')
  const gateway = await serve(t, root)
  const file = join(root, 'federation-config', 'partners', 'aurora.example.yaml')
  const good = await readFile(file, 'utf8')
  await writeFile(file, good.replace('status: allowed', 'status: alowed'))
  await gateway.says(/config\.faulty/)
  const faulty = await sallyport(root, 'status')
  assert.match(faulty.text, /FAULTY/)
  assert.match(faulty.text, /aurora\.example\.yaml:\d+: status: /)
  assert.match((await sallyport(root, 'partner', 'show', 'aurora.example')).text, /allowed/)
  await writeFile(file, good)
  await gateway.says(/config\.mended/)
  assert.equal(await gateway.stop(), 0)
})

test('a partner that is blocked by hand in its file is refused at once', async (t) => {
  const root = await installation(t, '127.0.7.17')
  const gateway = await serve(t, root)
  const file = join(root, 'federation-config', 'partners', 'aurora.example.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('status: allowed', 'status: blocked'))
  await gateway.says(/partners\.changed/)
  const { code, text } = await sallyport(root, 'explain', '--from', 'a@corp.example', '--to', 'b@aurora.example')
  assert.equal(code, 1, text)
  assert.match(text, /SP-102/)
  const history = await sallyport(root, 'partner', 'history', 'aurora.example')
  assert.match(history.text, /^2 .* changed by file\n +status: allowed → blocked\n1 .* found by file\n/)
  const undo = ['partner', 'undo', 'aurora.example', '--reason', 'a slip']
  assert.equal((await sallyport(root, ...undo)).code, 1, 'nobody is asked, so nobody is allowed again')
  assert.match(await readFile(file, 'utf8'), /status: blocked/)
  const undone = await sallyport(root, ...undo, '--yes')
  assert.equal(undone.code, 0, undone.text)
  assert.match(await readFile(file, 'utf8'), /status: allowed/)
  assert.match((await sallyport(root, 'partner', 'history', 'aurora.example')).text, /^3 .*: a slip\n/)
  assert.equal(await gateway.stop(), 0)
  await writeFile(file, `${await readFile(file, 'utf8')}# while it was stopped\n`)
  const again = await serve(t, root)
  const last = await sallyport(root, 'partner', 'history', 'aurora.example')
  assert.match(last.text, /^4 .* changed by file\n +comments only\n3 /)
  assert.equal(await again.stop(), 0)
})

test('a list is imported into a running gateway, in force at once, and taken back as a whole', async (t) => {
  const root = await installation(t, '127.0.7.97')
  const gateway = await serve(t, root)
  const file = join(root, 'federation-config', 'partners', 'aurora.example.yaml')
  const before = await readFile(file, 'utf8')
  const list = join(root, 'list.csv')
  await writeFile(list, 'Domain,Comment\naurora.example,spam\nnew.example,spam\n')
  const refused = await sallyport(root, 'partner', 'import', list)
  assert.equal(refused.code, 1)
  assert.match(refused.text, /would change an entry that is there already: aurora\.example/)
  const done = await sallyport(root, 'partner', 'import', list, '--yes')
  assert.equal(done.code, 0, done.text)
  assert.match(done.text, /^2 entries written, in force now$/m)
  assert.match((await sallyport(root, 'partner', 'show', 'new.example')).text, /refused: SP-102/)
  const [, reference = ''] = /undo-import (\S+)/.exec(done.text) ?? []
  const back = await sallyport(root, 'partner', 'undo-import', reference, '--yes')
  assert.equal(back.code, 0, back.text)
  assert.equal(await readFile(file, 'utf8'), before)
  assert.equal((await sallyport(root, 'partner', 'show', 'new.example')).code, 1)
  assert.equal(await gateway.stop(), 0)
})

test('a broken certificate of ours keeps nobody from being blocked', async (t) => {
  const root = await installation(t, '127.0.7.18')
  const gateway = await serve(t, root)
  await writeFile(join(root, 'certs', 'corp.example', 'fullchain.pem'), 'no certificate')
  await gateway.says(/certificate\.faulty/)
  const blocked = await sallyport(root, 'partner', 'block', 'aurora.example')
  assert.equal(blocked.code, 0, blocked.text)
  assert.match((await sallyport(root, 'status')).text, /fullchain\.pem/)
  const { text } = await sallyport(root, 'explain', '--from', 'a@corp.example', '--to', 'b@aurora.example')
  assert.match(text, /SP-102/)
  assert.equal(await gateway.stop(), 0)
})

test('pairs and issuers of cards are read anew when nothing else has changed, and mistakes in them are said', async (t) => {
  const root = await installation(t, '127.0.7.23')
  const file = join(root, 'federation-config', 'gateway.yaml')
  const pairs = join(root, 'federation-config', 'cards.txt')
  const cards =
    'cards: { issuers: [cards.pem], addresses: [{ from: CN, matches: ".+", pairs: federation-config/cards.txt }] }'
  const text = (await readFile(file, 'utf8')).replace('tls: none', 'tls: starttls')
  await writeFile(file, text.replace(/^trust:\n/m, `trust:\n  ${cards}\n`))
  const issuers = [await makeCa(), await makeCa()]
  await writeAnchors(join(root, 'cards.pem'), ...issuers)
  await writeFile(pairs, '1234567890 juliet@corp.example\n')
  const gateway = await serve(t, root)
  await writeFile(pairs, 'nonsense\n')
  await gateway.says(/config\.faulty/)
  assert.match((await sallyport(root, 'status')).text, /cards\.txt.*line 1: not a pair/)
  await rm(join(root, 'cards.pem'))
  await writeFile(pairs, '1234567890 juliet@corp.example\n')
  await gateway.says(/cards\.pem.*no such file/)
  await writeAnchors(join(root, 'cards.pem'), ...issuers)
  await writeFile(pairs, '1234567891 juliet@corp.example\n')
  await gateway.says(/config\.mended/)
  assert.equal(await gateway.stop(), 0)
})

test('missing anchors of one partner prove nobody, and keep no other change back', async (t) => {
  const root = await installation(t, '127.0.7.19')
  const gateway = await serve(t, root)
  const file = join(root, 'federation-config', 'partners', 'aurora.example.yaml')
  await appendFile(file, 'anchors: [certs/nowhere.pem]\n')
  await gateway.says(/partners\.changed/)
  assert.match((await sallyport(root, 'status')).text, /certs\/nowhere\.pem/)
  assert.equal((await sallyport(root, 'partner', 'allow', 'borealis.example')).code, 0)
  assert.equal(await gateway.stop(), 0)
})

test('a new domain without a certificate keeps the old settings, says why, and is taken when the certificate is there', async (t) => {
  const root = await installation(t, '127.0.7.20')
  const gateway = await serve(t, root)
  const file = join(root, 'federation-config', 'gateway.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('corp.example: {}', 'corp.example: {}\n  new.corp.example: {}'))
  await gateway.says(/config\.faulty/)
  const waiting = await sallyport(root, 'status', '--json')
  assert.match(waiting.text, /new\.corp\.example/)
  assert.equal((await sallyport(root, 'partner', 'block', 'aurora.example')).code, 0)
  assert.equal(await gateway.stop(), 0)
})

// --- the core, played by hand ---

const CORE = 'corp.example'
const STREAM = "xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'"
const TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'

async function certificateOf(root: string, domain: string) {
  const [fullchainPem, keyPem] = await Promise.all(
    ['fullchain.pem', 'privkey.pem'].map((name) => readFile(join(root, 'certs', 'lab', domain, name), 'utf8')),
  )
  assert.ok(fullchainPem !== undefined && keyPem !== undefined)
  return { fullchainPem, keyPem }
}

/** Opens a stream as the core would, for something to send to `remote`. */
const callAsCore = (root: string, host: string, remote: string): Promise<Dialog> =>
  callAs(CORE, root, { host, port: 15_270 }, remote)

/** Opens a stream of this domain. */
async function callAs(
  from: string,
  root: string,
  at: { readonly host: string; readonly port: number },
  to: string,
): Promise<Dialog> {
  const hello = `<stream:stream ${STREAM} from='${from}' to='${to}'>`
  const d = await Dialog.open(at)
  await d.say(hello).expect(/<\/stream:features>/)
  await d.say(`<starttls xmlns='${TLS}'/>`).expect(/<proceed/)
  await d.startTls({ certificate: await certificateOf(root, from) })
  await d.say(hello).expect(/EXTERNAL.*<\/stream:features>/)
  await d.say(`<auth xmlns='${SASL}' mechanism='EXTERNAL'>=</auth>`).expect(/<success/)
  await d.say(hello).expect(/<stream:features>.*<\/stream:features>/)
  return d
}

/** Takes the gateway's next stream as the core would. */
async function answerAsCore(root: string, core: DialogHost, remote: string): Promise<Dialog> {
  const hello = `<stream:stream ${STREAM} from='${CORE}' to='${remote}' id='core'>`
  const certificate = await certificateOf(root, CORE) // before <proceed/>: the handshake may follow at once
  const d = await core.next()
  await d.expect(/<stream:stream/)
  d.say(`${hello}<stream:features><starttls xmlns='${TLS}'/></stream:features>`)
  await d.expect(/<starttls/)
  d.say(`<proceed xmlns='${TLS}'/>`)
  await d.startTls({ certificate, server: true })
  await d.expect(/<stream:stream/)
  const mechanisms = `<mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`
  d.say(`${hello}<stream:features>${mechanisms}</stream:features>`)
  await d.expect(/<auth/)
  d.say(`<success xmlns='${SASL}'/>`)
  await d.expect(/<stream:stream/)
  return d.say(`${hello}<stream:features/>`)
}

test('on SIGTERM what waits for a silent partner is sent back to the core, and then the process ends', async (t) => {
  const host = '127.0.7.18'
  const root = await installation(t, host)
  const file = join(root, 'federation-config', 'gateway.yaml')
  const written = (await readFile(file, 'utf8')).replace('evaluation: true', 'evaluation: false')
  await writeFile(file, `${written}\nlimits: { close: 500ms, drain: 5s }\n`)
  await using silent = await DialogHost.open(host)
  await using coreHost = await DialogHost.open(host, 15_280)
  await writeFile(
    join(root, 'federation-config', 'partners', 'slow.example.yaml'),
    `domain: slow.example\nstatus: allowed\nconnect: [{ host: ${host}, port: ${silent.port} }]\nowner: a@${CORE}\npurpose: test\n`,
  )
  const gateway = await serve(t, root)
  await using core = await callAsCore(root, host, 'slow.example')
  for (let n = 0; n < 5; n++) {
    core.say(`<iq type='get' from='alice@${CORE}/r' to='bob@slow.example' id='q${n}'><x xmlns='y'/></iq>`)
  }
  await using _peer = await silent.next()

  const stopped = gateway.stop()
  await using back = await answerAsCore(root, coreHost, 'slow.example')
  for (let n = 0; n < 5; n++) await back.expect(new RegExp(`<iq type='error' id='q${n}'`))
  await back.expect(/<system-shutdown/)
  assert.equal(await within(4000, stopped, 'the end of the process'), 0, gateway.log())
})

/** The certificate that whoever comes now is shown. */
async function shownAt(host: string): Promise<Buffer | undefined> {
  await using d = await Dialog.open({ host, port: 15_269 })
  await d.say(`<stream:stream ${STREAM} from='borealis.example' to='${CORE}'>`).expect(/<\/stream:features>/)
  await d.say(`<starttls xmlns='${TLS}'/>`).expect(/<proceed/)
  return (await d.startTls({})).getPeerX509Certificate()?.raw
}

test('when a certificate of ours is replaced, a stream that is up stays up and talks on; who comes next sees the new one', async (t) => {
  const host = '127.0.7.24'
  const root = await installation(t, host)
  const file = join(root, 'federation-config', 'gateway.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('evaluation: true', 'evaluation: false'))
  await using coreHost = await DialogHost.open(host, 15_280)
  const gateway = await serve(t, root)
  await using partner = await callAs('aurora.example', root, { host, port: 15_269 }, CORE)
  const message = (id: string): string =>
    `<message type='chat' from='bob@aurora.example' to='alice@${CORE}' id='${id}'><body>hello</body></message>`
  partner.say(message('before'))
  await using core = await answerAsCore(root, coreHost, 'aurora.example')
  await core.expect(/<message[^>]* id='before'/)
  const isUp = async (): Promise<readonly unknown[]> => {
    const { out } = await sallyport(root, 'status', '--json')
    const { streams } = JSON.parse(out) as { streams: { id: string; leg: string; role: string; remote: string }[] }
    return streams.map(({ id, leg, role, remote }) => [id, leg, role, remote])
  }
  const before = await isUp()
  assert.equal(before.length, 2, gateway.log())

  const renewed = await issue({ ca: await makeCa(), names: [CORE] })
  await writeIdentity(join(root, 'certs', CORE), renewed)
  await gateway.says(/certificate\.reloaded/)
  assert.deepEqual(await shownAt(host), renewed.der)
  assert.deepEqual(await isUp(), before)
  partner.say(message('after'))
  await core.expect(/<message[^>]* id='after'/)
  assert.equal(await gateway.stop(), 0)
})
