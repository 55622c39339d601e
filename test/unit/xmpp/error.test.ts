import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XmppError } from '../../../src/xmpp/error.ts'

test('an error goes with the type of its condition unless told otherwise', () => {
  assert.equal(new XmppError('not-allowed').type, 'cancel')
  assert.equal(new XmppError('resource-constraint').type, 'wait')
  assert.equal(new XmppError('policy-violation', { type: 'wait' }).type, 'wait')
})

test('text for the peer and detail for us stay apart', () => {
  const cause = new Error('disk')
  const error = new XmppError('internal-server-error', {
    text: 'Reference x',
    detail: 'store is closed',
    reason: 'SP-491',
    reference: 'x',
    cause,
  })
  assert.equal(error.message, 'internal-server-error: store is closed')
  assert.deepEqual(
    [error.text, error.detail, error.reason, error.reference, error.cause],
    ['Reference x', 'store is closed', 'SP-491', 'x', cause],
  )
  assert.ok(error instanceof Error && error.name === 'XmppError')
  assert.equal(new XmppError('gone').message, 'gone')
  assert.equal('cause' in new XmppError('gone'), false)
})
