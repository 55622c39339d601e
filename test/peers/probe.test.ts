// Probes of real servers that are all right: every stage is green, and the partner's server calls back. A stranger's is
// refused when it does, which is as it should be, and nothing follows from having asked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../src/admin/client.ts'
import { probe } from '../../src/admin/probe.ts'
import type { ProbeOutput, ProbeProgressOutput } from '../../src/admin/probe-shapes.ts'
import { ProbeProgressShape } from '../../src/admin/probe-shapes.ts'
import { xml } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { OURS, USERS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 66
const PROSODY = 'prosody.example'
const EJABBERD = 'ejabberd.example'
/** A Prosody whose streams go both ways. */
const BOTH_WAYS = 'bidi.example'
/** Servers that no certificate proves, that believe none of ours, and that do dialback. */
const KEYS = { prosody: 'keys-prosody.example', ejabberd: 'keys-ejabberd.example' } as const

const isOneOfKeys = (domain: string): boolean => Object.values<string>(KEYS).includes(domain)

test('probes of good servers', needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const [other, third, fourth, fifth] = [5, 6, 7, 8].map((last) => `127.0.${NUMBER}.${last}`) as [
    string,
    string,
    string,
    string,
  ]
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: {
      [PROSODY]: at.partner,
      [EJABBERD]: other,
      [BOTH_WAYS]: third,
      [KEYS.prosody]: fourth,
      [KEYS.ejabberd]: fifth,
    },
  })
  const { gateway, core, publicCa } = world
  const start = { prosody, ejabberd }
  const servers = await Promise.all(
    (
      [
        ['prosody', PROSODY, at.partner],
        ['ejabberd', EJABBERD, other],
        ['prosody', BOTH_WAYS, third],
        ['prosody', KEYS.prosody, fourth],
        ['ejabberd', KEYS.ejabberd, fifth],
      ] as const
    ).map(async ([kind, domain, address]) =>
      start[kind](t, {
        address,
        dns: at.outerDns,
        anchors: [isOneOfKeys(domain) ? await makeCa() : publicCa],
        bidi: domain === BOTH_WAYS,
        hosts: [
          {
            domain,
            certificate: await issue(isOneOfKeys(domain) ? { names: [domain] } : { ca: publicCa, names: [domain] }),
            users: USERS,
          },
        ],
        ...(isOneOfKeys(domain) ? { proof: 'dialback' } : {}),
      }),
    ),
  )

  const probed = async (domain: string): Promise<{ report: ProbeOutput; told: readonly ProbeProgressOutput[] }> => {
    const told: ProbeProgressOutput[] = []
    const tell = (progress: unknown): void => void told.push(ProbeProgressShape.parse(progress))
    const report = await ask(gateway.directory, probe, { domain }, { tell })
    return { report, told }
  }
  const assertGoodWayThere = ({ attempts }: ProbeOutput, domain: string): void => {
    const [attempt, ...more] = attempts
    assert.ok(attempt && more.length === 0)
    assert.equal(attempt.host, `xmpp.${domain}`)
    assert.equal(attempt.certificate?.proven, true)
    assert.equal(attempt.certificate.matching, `DNS:${domain}`)
    assert.match(attempt.secured?.version ?? '', /^TLSv1\.[23]$/)
    assert.deepEqual([attempt.authentication, attempt.method, attempt.failure], ['accepted', 'certificate', undefined])
    const offer = attempt.offers.find(({ when }) => when === 'secured')
    assert.ok(offer?.mechanisms.includes('EXTERNAL'))
  }

  for (const [index, domain] of [PROSODY, EJABBERD].entries()) {
    const step = async (name: string, run: () => Promise<void>): Promise<void> => {
      await t.test(`${domain}: ${name}`, async (one) => {
        try {
          await run()
        } catch (error) {
          one.diagnostic([gateway.log, servers[index]?.log].map((log) => log?.tail()).join('\n'))
          throw error
        }
      })
    }

    await step('a stranger is tested, and its stream to us is refused as always', async () => {
      const { report } = await probed(domain)
      assertGoodWayThere(report, domain)
      assert.equal(report.ping?.outcome, 'unanswered')
      assert.deepEqual(
        report.findings.map((one) => [one.severity, one.reason, one.side]),
        [['note', 'SP-101', 'ours']],
        JSON.stringify(report, undefined, 2),
      )
      assert.equal(report.letter, undefined)
      const [inbound] = report.inbound
      assert.equal(inbound?.failure?.condition, 'policy-violation')
      assert.ok(inbound.certificate?.names.includes(`DNS:${domain}`))
      assert.doesNotMatch(JSON.stringify(await gateway.command('partner', 'list')), new RegExp(domain))
      const streams = await gateway.streams()
      assert.deepEqual(
        streams.filter(({ remote }) => remote === domain),
        [],
        'nothing is left',
      )
    })

    await step('an admitted partner is all right in both directions', async () => {
      await gateway.command('partner', 'add', domain)
      const { report, told } = await probed(domain)
      assertGoodWayThere(report, domain)
      assert.deepEqual(report.findings, [], JSON.stringify(report, undefined, 2))
      assert.deepEqual([report.ping?.outcome, report.ping?.way, report.ping?.error], ['answered', 'theirs', false])
      const [inbound] = report.inbound
      assert.deepEqual([inbound?.state, inbound?.method], ['ready', 'certificate'])
      const kinds = told.map(({ kind }) => kind).filter((kind) => kind !== 'doing')
      assert.deepEqual(kinds, ['start', 'dns', 'host', 'attempt', 'ping', 'inbound'])
    })

    await step('once more, the answer comes on the stream that is up', async () => {
      const { report } = await probed(domain)
      assert.deepEqual(report.findings, [], JSON.stringify(report, undefined, 2))
      assert.deepEqual(
        report.inbound.map(({ standing }) => standing),
        [true],
      )
    })
  }

  await t.test('where our stream goes both ways, the answer comes on it', async (one) => {
    await gateway.command('partner', 'add', BOTH_WAYS)
    const alice = await side(core, OURS).login(one, 'alice')
    const pong = await alice.ask('get', BOTH_WAYS, xml('ping', { xmlns: 'urn:xmpp:ping' }))
    assert.equal(pong.attrs['type'], 'result')
    const up = (await gateway.streams()).filter(({ remote }) => remote === BOTH_WAYS)
    assert.deepEqual(
      up.map(({ role, bidi }) => [role, bidi]),
      [['initiating', true]],
    )
    const { report } = await probed(BOTH_WAYS)
    assert.deepEqual(report.findings, [], JSON.stringify(report, undefined, 2))
    assert.deepEqual([report.ping?.outcome, report.ping?.way], ['answered', 'ours'])
  })

  for (const domain of Object.values(KEYS)) {
    await t.test(`${domain}: where its entry says so, dialback proves both sides to each other`, async (one) => {
      await gateway.command('partner', 'add', domain, '--authentication', 'dialback-over-tls')
      const { report } = await probed(domain)
      one.diagnostic(gateway.log.tail())
      assert.deepEqual(report.findings, [], JSON.stringify(report, undefined, 2))
      const [attempt] = report.attempts
      assert.deepEqual(
        [attempt?.certificate?.proven, attempt?.dialback, attempt?.method],
        [false, 'accepted', 'dialback'],
      )
      assert.deepEqual([report.ping?.outcome, report.ping?.way], ['answered', 'theirs'])
      assert.deepEqual(
        report.inbound.map(({ state, method }) => [state, method]),
        [['ready', 'dialback']],
      )
    })
  }

  await t.test('whoever speaks for a domain of ours that is none, or tests ourselves, is told', async () => {
    await assert.rejects(ask(gateway.directory, probe, { domain: PROSODY, from: 'other.example' }), /no domain of ours/)
    await assert.rejects(ask(gateway.directory, probe, { domain: OURS }), /is a domain of ours/)
  })

  await t.test('one domain is tested once at a time', async () => {
    const [first, second] = await Promise.allSettled([
      ask(gateway.directory, probe, { domain: PROSODY }),
      ask(gateway.directory, probe, { domain: PROSODY }),
    ])
    assert.deepEqual([first.status, second.status].toSorted(), ['fulfilled', 'rejected'])
  })

  await t.test('nothing went wrong inside', () => {
    assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
  })
})
