// The scenarios of conformance with real servers as live partners: what they do is as expected or is told as theirs, what was
// negotiated is as it is, and all of it stands in the report.

import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { dns } from '../support/dns.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { crl } from '../support/crl.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { Program, run } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD } from '../support/server.ts'
import { conferenceOf, OURS, places } from './places.ts'
import { withoutTls, wrongHosts } from './wrong-domains.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const NUMBER = 230
const PROSODY = 'prosody.example'
const EJABBERD = 'ejabberd.example'
/** Its certificate is one that nobody trusts. */
const UNTRUSTED = 'untrusted.example'
/** Of the same server: the entry says where it is; and there are no service records, but an address. */
const ROUTED = 'routed.example'
const ADDRESSED = 'addressed.example'
/** Ours, at both of the others. */
const ACCOUNT = 'liaison'
const PLAYED = [
  ...['I-01', 'I-05', 'I-16', 'I-17', 'I-18', 'I-19', 'I-20', 'I-21', 'I-22', 'I-23', 'I-24', 'I-25', 'I-26', 'I-27'],
  ...['I-28', 'I-29', 'I-30', 'I-31', 'I-32', 'I-34', 'I-35', 'I-37', 'I-39'],
]
/** With domains that are wrong on purpose, and with a first place that is down. */
const WRONG = ['I-06', 'I-07', 'I-08', 'I-09', 'I-10', 'I-11', 'I-12', 'I-13', 'I-14']
const MORE: Readonly<Record<string, readonly string[]>> = { [PROSODY]: WRONG, [EJABBERD]: ['I-04'] }
const STRONG = { key: 'p384', hash: 'SHA-384' } as const

interface Told {
  readonly pairwise: {
    readonly us: string
    readonly pairs: readonly {
      readonly peer: string
      readonly facts: Readonly<Record<string, unknown>> & {
        readonly streams: readonly Readonly<Record<string, unknown>>[]
      }
      readonly runs: readonly {
        readonly scenario: string
        readonly outcome: { readonly kind: string; readonly detail?: string }
        readonly short?: string
      }[]
    }[]
  }
}

test(
  'the scenarios of conformance with live partners under dod',
  needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'),
  async (t) => {
    const at = places(NUMBER)
    const ejabberdAddress = `127.0.${NUMBER}.5`
    const addresses: Readonly<Record<string, string>> = {
      [PROSODY]: at.partner,
      [UNTRUSTED]: at.partner,
      [EJABBERD]: ejabberdAddress,
    }
    const ca = await makeCa(STRONG)
    const outside = Object.entries({ [OURS]: at.outer, ...addresses })
    const down = `127.0.${NUMBER}.9`
    const wrong = await wrongHosts(PROSODY, ca, STRONG, `http://${down}:8089/`)
    const plain = `127.0.${NUMBER}.6`
    await dns(t, {
      address: at.outerDns,
      hosts: {
        ...Object.fromEntries(outside.map(([domain, address]) => [`xmpp.${domain}`, address])),
        [`down.${EJABBERD}`]: down,
        [ADDRESSED]: at.partner,
        ...Object.fromEntries(Object.values(wrong.domains).map((domain) => [domain, at.partner])),
        [wrong.domains['no-tls']]: plain,
        // Where its clients are led, as nothing else says so.
        [EJABBERD]: ejabberdAddress,
      },
      first: { [EJABBERD]: { host: `down.${EJABBERD}` } },
      federation: Object.fromEntries(
        outside.flatMap(([domain]) =>
          [domain, conferenceOf(domain)].map((name) => [name, { host: `xmpp.${domain}` }] as const),
        ),
      ),
    })
    const good = async (domain: string) => ({
      ...{ domain, users: [ACCOUNT], conference: conferenceOf(domain) },
      certificate: await issue({ ca, names: [domain, conferenceOf(domain)], ...STRONG }),
    })
    const untrusted = { domain: UNTRUSTED, users: [], certificate: await issue({ names: [UNTRUSTED], ...STRONG }) }
    const bare = await Promise.all(
      [ROUTED, ADDRESSED].map(async (domain) => ({
        ...{ domain, users: [], certificate: await issue({ ca, names: [domain], ...STRONG }) },
      })),
    )
    const server = { dns: at.outerDns, anchors: [ca] }
    const also = (domain: string) => [conferenceOf(domain), ...(domain === PROSODY ? [`*.wrong.${PROSODY}`] : [])]
    const [directory, , first] = await Promise.all([
      Gateway.install(t, {
        domains: { [OURS]: (await good(OURS)).certificate },
        ...{
          core: at.core,
          coreTrust: ca,
          anchors: [ca, wrong.unlisted],
          inner: at.inner,
          outer: at.outer,
          dns: at.outerDns,
        },
        settings: {
          trust: { anchors: ['certs/anchors.pem'], crls: 'certs/crls', fetchFrom: ['127.0.0.0/8'] },
          // A console, which a run has no business with.
          listen: { federation: [{ host: at.outer, port: 5269 }], admin: { host: '127.0.0.1', port: 9 } },
        },
        partners: {
          ...Object.fromEntries(
            Object.keys(addresses).map((domain) => [domain, { status: 'allowed', alsoKnownAs: also(domain) }]),
          ),
          [ROUTED]: { status: 'allowed', connect: [{ host: at.partner, port: 5269 }] },
          [ADDRESSED]: { status: 'allowed' },
        },
      }),
      prosody(t, { ...server, address: at.partner, hosts: [await good(PROSODY), untrusted, ...wrong.hosts, ...bare] }),
      ejabberd(t, { ...server, address: ejabberdAddress, hosts: [await good(EJABBERD)] }),
      withoutTls(t, { domain: wrong.domains['no-tls'], address: plain, dns: at.outerDns, ca }),
    ])
    await mkdir(join(directory, 'certs/crls'), { recursive: true })
    await writeFile(join(directory, 'certs/crls/public.crl'), crl({ ca, hash: STRONG.hash, revoked: [wrong.revoked] }))
    const entry = join(directory, `federation-config/partners/${PROSODY}.yaml`)
    const before = await readFile(entry, 'utf8')
    const temporary = await temporaryFolder(t)
    const accounts = {
      [PROSODY]: `account: ${ACCOUNT}@${PROSODY}\npassword: ${PASSWORD}\naddress: ${at.partner}:5222\nwrong: ${JSON.stringify(wrong.domains)}\n`,
      [EJABBERD]: `account: ${ACCOUNT}@${EJABBERD}\npassword: ${PASSWORD}\nroom: trial@${conferenceOf(EJABBERD)}\n`,
    }
    for (const [domain, text] of Object.entries(accounts))
      await writeFile(join(directory, `${domain}.account`), text, { mode: 0o600 })
    const peers = [...Object.keys(addresses), ROUTED, ADDRESSED].flatMap((domain) => ['--peer', domain])
    const words = [
      'conformance',
      '--profile',
      'dod',
      '--area',
      'LBL',
      ...peers,
      ...Object.keys(accounts).flatMap((domain) => ['--peer-account', `${domain}.account`]),
      '--out',
      'report',
      '--directory',
      directory,
    ]
    const made = await run(process.execPath, [MAIN, ...words], { ms: 240_000, env: { TMPDIR: temporary } })
    const because = made.stdout + made.stderr + first.log.tail()
    assert.equal(made.code, 0, because)

    const page = await readFile(join(directory, 'report/report.html'), 'utf8')
    const read: unknown = JSON.parse(await readFile(join(directory, 'report/report.json'), 'utf8'))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is not there fails below
    const { us, pairs } = (read as Told).pairwise
    assert.equal(us, OURS)
    const pairOf = (peer: string) => pairs.find((pair) => pair.peer === peer) ?? assert.fail(peer)
    const kindsOf = (peer: string, kind: string): readonly string[] =>
      pairOf(peer)
        .runs.filter(({ outcome }) => outcome.kind === kind)
        .map(({ scenario }) => scenario)

    await t.test('real servers are played with as expected, and what is not played says why', () => {
      for (const peer of [PROSODY, EJABBERD]) {
        const wanted = [...PLAYED, ...(MORE[peer] ?? [])].toSorted()
        assert.deepEqual(kindsOf(peer, 'pass').toSorted(), wanted, because)
        assert.equal(kindsOf(peer, 'not-run').length, 39 - wanted.length)
      }
      for (const { runs } of pairs)
        for (const { outcome } of runs) assert.ok(outcome.kind === 'pass' || (outcome.detail ?? '').length > 10)
    })
    await t.test(
      'a partner is found where its entry says, or at its address, where there are no service records',
      () => {
        const others = ['I-05', 'I-16', 'I-22', 'I-23', 'I-31', 'I-34', 'I-35']
        assert.deepEqual(kindsOf(ROUTED, 'pass').toSorted(), ['I-02', ...others], because)
        assert.deepEqual(kindsOf(ADDRESSED, 'pass').toSorted(), ['I-03', ...others], because)
      },
    )
    await t.test('an account logs in by the best that each server has, and its rooms are where they may be', () => {
      assert.partialDeepStrictEqual(pairOf(PROSODY), { account: 'SCRAM-SHA-256', rooms: conferenceOf(PROSODY) })
      assert.partialDeepStrictEqual(pairOf(EJABBERD), { account: 'SCRAM-SHA-1', rooms: conferenceOf(EJABBERD) })
      assert.ok(pairOf(UNTRUSTED).runs.some(({ short }) => short?.includes('--peer-account')))
    })
    await t.test('what was negotiated is written down, both ways', () => {
      for (const peer of [PROSODY, EJABBERD]) {
        const { facts } = pairOf(peer)
        assert.partialDeepStrictEqual(facts, {
          ...{ found: 'service records', place: `xmpp.${peer}, ${addresses[peer]}, port 5269` },
          ...{ matching: `DNS:${peer}`, proven: true, floor: 'certificate', mechanisms: ['EXTERNAL'] },
          certificate: { names: [`DNS:${peer}`] },
        })
        assert.deepEqual(new Set(facts.streams.map(({ opened }) => opened)), new Set(['by the partner', 'by us']))
        assert.equal(facts.streams.length, 2)
        for (const { opened, version, suite, group, proof, ip, bidi, start, acknowledged } of facts.streams) {
          assert.deepEqual(
            [proof, ip, bidi, start, acknowledged],
            ['certificate', 4, false, 'starttls', peer === PROSODY],
          )
          assert.match(String(version), /^TLSv1\.[23]$/)
          assert.match(String(suite), /AES_?256/)
          assert.equal(group, opened === 'by us' ? 'secp384r1' : undefined)
        }
      }
    })
    await t.test('what a partner does wrong is told as its own', () => {
      const { runs, facts } = pairOf(UNTRUSTED)
      assert.deepEqual(facts.streams, [])
      assert.partialDeepStrictEqual(facts, { proven: false, fault: { side: 'theirs' } })
      assert.deepEqual(kindsOf(UNTRUSTED, 'violation'), [])
      assert.deepEqual(kindsOf(UNTRUSTED, 'peer-violation'), [
        'I-01',
        'I-05',
        'I-15',
        'I-16',
        'I-22',
        'I-23',
        'I-34',
        'I-35',
        'I-31',
      ])
      assert.match(runs.find(({ scenario }) => scenario === 'I-05')?.outcome.detail ?? '', /untrusted\.example/)
    })
    await t.test('it stands in the page and beside it, and nothing of the installation was changed', async () => {
      assert.match(page, /Negotiated with ejabberd\.example/)
      assert.match(page, /<span class="partly">The partner<\/span>/)
      assert.match(
        await readFile(join(directory, 'report/junit.xml'), 'utf8'),
        /<testsuite name="Live partner prosody.example" tests="39" failures="0" errors="0"/,
      )
      const evidence = await readFile(join(directory, `report/evidence/partner-${PROSODY}.txt`), 'utf8')
      assert.match(evidence, /core to gateway: <iq type='get'[^]*gateway to core: <iq [^]*"event":"stream\.opened"/)
      assert.match(evidence, /account to partner: [^]*partner to account: /)
      assert.doesNotMatch(evidence, /partner to account: [^\n]*jabber:iq:roster/)
      assert.equal(await readFile(entry, 'utf8'), before)
      assert.deepEqual(await readdir(temporary), [])
    })
    await t.test('a run that is broken off leaves no copy of keys behind', async (one) => {
      const broken = await Program.start(one, {
        ...{ name: 'sallyport conformance', command: process.execPath, logFile: join(directory, 'broken.log') },
        args: [MAIN, ...words.with(words.indexOf('report'), 'broken')],
        ...{ env: { TMPDIR: temporary }, ready: /✔.* I-01 prosody\.example/ },
      })
      assert.equal((await readdir(temporary)).length, 1)
      broken.kill('SIGINT')
      assert.equal(await broken.exited, 1)
      assert.deepEqual(await readdir(temporary), [])
    })
  },
)
