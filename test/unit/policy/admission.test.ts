import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admission } from '../../../src/policy/admission.ts'
import type { FederationMode, Partner } from '../../../src/policy/partner.ts'
import { NOW, partner } from './people.ts'

test('who is admitted', async (t) => {
  const table: readonly (readonly [string, Partial<Partner> | undefined, FederationMode, string | undefined])[] = [
    ['an allowed partner', {}, 'closed', undefined],
    ['a blocked partner', { status: 'blocked' }, 'closed', 'SP-102'],
    ['a suspended partner', { status: 'suspended' }, 'closed', 'SP-103'],
    ['a pending partner', { status: 'pending' }, 'closed', 'SP-104'],
    ['a partner on its last day', { expires: '2026-06-15' }, 'closed', undefined],
    ['a partner on the day after', { expires: '2026-06-14' }, 'closed', 'SP-105'],
    ['a blocked partner that has also expired', { status: 'blocked', expires: '2020-01-01' }, 'closed', 'SP-102'],
    ['a stranger, closed', undefined, 'closed', 'SP-101'],
    ['a stranger, ask', undefined, 'ask', 'SP-161'],
    ['a stranger, limited', undefined, 'limited', undefined],
    ['a blocked partner, limited', { status: 'blocked' }, 'limited', 'SP-102'],
    ['a stranger, open', undefined, 'open', undefined],
    ['a blocked partner, open', { status: 'blocked' }, 'open', 'SP-102'],
    ['a partner for one direction', { direction: 'inbound' }, 'closed', undefined],
  ]
  for (const [name, changes, mode, expected] of table) {
    await t.test(`${name}: ${expected ?? 'admitted'}`, () => {
      const entry = changes && partner('partner.example', changes)
      assert.equal(admission(entry, { mode, now: NOW }), expected)
    })
  }
})

test('an entry expires at midnight UTC, not before', () => {
  const entry = partner('partner.example', { expires: '2026-06-15' })
  const midnight = Date.UTC(2026, 5, 16)
  assert.equal(admission(entry, { mode: 'closed', now: midnight - 1 }), undefined)
  assert.equal(admission(entry, { mode: 'closed', now: midnight }), 'SP-105')
})
