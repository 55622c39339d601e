import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { LimitsSection } from '../../../src/config/limits.ts'
import { isStanzaCondition, isStreamCondition } from '../../../src/xmpp/conditions.ts'
import { isReasonId, reason, reasonIds, stanzaCondition, streamCondition } from '../../../src/xmpp/reasons.ts'

const entries = reasonIds().map((id) => Object.assign({ id }, reason(id)))

test('ids are SP- and three digits, ascending, in a hundred that exists', () => {
  const ids = entries.map((entry) => entry.id)
  for (const id of ids) assert.match(id, /^SP-[1-9]\d\d$/)
  assert.deepEqual(ids, ids.toSorted(), 'the catalogue is in order')
})

test('every hundred that the gateway needs by now has entries', () => {
  const hundreds = new Set(entries.map((entry) => entry.id[3]))
  for (const hundred of '12345679') assert.ok(hundreds.has(hundred), `${hundred}xx`)
})

test('names are unique, and kebab case', () => {
  for (const { id, name } of entries) assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/, id)
  const names = entries.map((entry) => entry.name)
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  )
})

test('what it means and what to do are sentences', () => {
  for (const { id, means, act } of entries) {
    for (const text of [means, act]) {
      assert.match(text, /^(`|[A-Z]).*[^.]\.$/s, `${id}: ${text}`)
      assert.ok(text.length >= 8 && text.length <= 240, `${id}: ${text.length} characters`)
      assert.doesNotMatch(text, / {2}|\n|\s$/, id)
    }
  }
})

test('no two entries mean the same', () => {
  const means = entries.map((entry) => entry.means)
  assert.deepEqual(
    means.filter((text, i) => means.indexOf(text) !== i),
    [],
  )
})

test('conditions are such of RFC 6120', () => {
  for (const { id, stream, stanza } of entries) {
    assert.ok(stream === undefined || isStreamCondition(stream), id)
    assert.ok(stanza === undefined || isStanzaCondition(stanza), id)
  }
})

// The tables of what a stream ends in, and of what a refused stanza gets.
test('conditions are those that peers were promised', async (t) => {
  const table: readonly (readonly [string, RegExp, string | undefined, string | undefined])[] = [
    ['not admitted', /^partner-(unknown|blocked|suspended|pending|expired)$/, 'policy-violation', 'not-allowed'],
    ['claims one of our domains', /^(own-domain-claimed|stanza-from-ours)$/, 'invalid-from', undefined],
    ['not a domain of ours', /^(domain-not-served|stanza-to-third-party)$/, 'host-unknown', undefined],
    ['no address where one must be', /^stanza-(sender|recipient)-missing$/, 'improper-addressing', undefined],
    [
      'name not proven',
      /^certificate-(name-mismatch|expired|self-signed|untrusted-ca|missing-intermediate|pin-mismatch)$/,
      'not-authorized',
      'remote-server-timeout',
    ],
    ['no certificate at all', /^tls-peer-certificate-missing$/, 'not-authorized', 'remote-server-timeout'],
    ['shutdown', /^shutting-down$/, 'system-shutdown', undefined],
    [
      'not resolvable or refusing',
      /^(dns-domain-not-found|dns-no-address|dns-service-not-offered|connection-refused)$/,
      undefined,
      'remote-server-not-found',
    ],
    ['time-out', /^(connection-timeout|dns-timeout|stream-negotiation-timeout)$/, undefined, 'remote-server-timeout'],
    ['too much', /^queue-full$/, undefined, 'resource-constraint'],
  ]
  for (const [name, pattern, stream, stanza] of table) {
    await t.test(name, () => {
      const matching = entries.filter((entry) => pattern.test(entry.name))
      assert.equal(matching.length, pattern.source.split('|').length, 'every reason of the row exists')
      for (const entry of matching) {
        if (stream !== undefined) assert.equal(entry.stream, stream, entry.id)
        if (stanza !== undefined) assert.equal(entry.stanza, stanza, entry.id)
      }
    })
  }
})

test('ids are told from other text, and a reason without a condition gives the undefined one', () => {
  assert.equal(isReasonId('SP-101'), true)
  assert.equal(isReasonId('SP-100'), false)
  assert.equal(isReasonId('toString'), false)
  assert.equal(streamCondition('SP-101'), 'policy-violation')
  assert.equal(stanzaCondition('SP-101'), 'not-allowed')
  assert.equal(streamCondition('SP-903'), 'undefined-condition')
  assert.equal(stanzaCondition('SP-903'), 'undefined-condition')
})

test('commands, options and limits that an instruction names exist', () => {
  const limits = LimitsSection.parse({})
  const commands = new Map(COMMANDS.map((command) => [command.name, Object.keys(command.options ?? {})]))
  for (const own of ['serve', 'start']) commands.set(own, [])
  for (const { id, act } of entries) {
    for (const [, limit = ''] of act.matchAll(/`limits\.(\w+)`/g)) assert.ok(limit in limits, `${id}: limits.${limit}`)
    for (const [, line = ''] of act.matchAll(/`(?:npx )?sallyport ([^`]+)`/g)) {
      const words = line.split(' ')
      const options = commands.get(words.slice(0, 2).join(' ')) ?? commands.get(words[0] ?? '')
      assert.ok(options, `${id}: ${line}`)
      for (const [, option = ''] of line.matchAll(/--([\w-]+)/g))
        assert.ok(options.includes(option), `${id}: --${option}`)
    }
  }
})
