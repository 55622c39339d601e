// What waits for a partner is bounded for all its names together, and no other partner pays for it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import type { Refusal } from '../../src/gateway/journal.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { DialogHost } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.43'

const narrow = (settings: Settings): Settings => ({
  ...settings,
  limits: { ...settings.limits, queueStanzas: 3, partnerQueueStanzas: 5 },
})

test('all names of a partner share its room, whoever else is written to', async (t) => {
  const { gateway, lab, partners, build, told } = await evaluation(t, HOST, narrow)
  await using silent = await DialogHost.open(HOST)
  const connect = [{ host: HOST, port: silent.port, tls: 'starttls' } as const]
  const changed = partners.map((p): Partner =>
    p.domain === 'cygnus.example' ? { ...p, connect, alsoKnownAs: ['*.cygnus.example'] } : p,
  )
  gateway.apply(await build(changed, narrow(gateway.house.settings)))
  // One stanza for each name: a second one would already be held back at its source.
  for (const name of 'abcdef') {
    lab.send('corp.example', chat('alice@corp.example', `eve@${name}.cygnus.example`, `m-${name}`))
  }
  await eventually('the one too many', () => (told('bounced').length > 0 ? true : undefined))
  const [bounced] = told('bounced').map(({ with: [, , pair, refusal] }) => ({ pair, refusal: refusal as Refusal }))
  assert.equal(bounced?.refusal.reason, 'SP-627')
  assert.equal(bounced?.refusal.condition, 'resource-constraint')
  assert.deepEqual(
    gateway.budgets.use.map(({ partner, stanzas }) => [partner, stanzas]),
    [['cygnus.example', 5]],
  )
  const after = lab.lastEvent
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'in-1'))
  await first(lab, after, (news) => news.kind === 'received' && news.stanza.includes('id="in-1"'))
})
