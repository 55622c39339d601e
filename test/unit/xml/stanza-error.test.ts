import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorReply } from '../../../src/xml/stanza-error.ts'
import { frameIn } from './feed.ts'

const REFUSED = { condition: 'not-allowed', type: 'cancel', text: 'Reference: <1>', by: 'corp.example' } as const

test('an error reply swaps the addresses, keeps kind and id, and does not send the payload back', () => {
  const frame = frameIn(
    `<message type='chat' id='a&quot;1' from='r@partner.example/x' to="j@corp.example"><body>secret</body></message>`,
  )
  assert.equal(
    errorReply(frame, REFUSED)?.toString(),
    `<message type='error' id='a&quot;1' from='j@corp.example' to='r@partner.example/x'>` +
      `<error type='cancel' by='corp.example'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>` +
      `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>Reference: &lt;1&gt;</text></error></message>`,
  )
})

test('an error reply has no text, origin or id unless there is one', () => {
  const reply = errorReply(frameIn(`<presence from='a@b' to='c'/>`), {
    condition: 'remote-server-timeout',
    type: 'wait',
  })
  assert.equal(
    reply?.toString(),
    `<presence type='error' from='c' to='a@b'><error type='wait'>` +
      `<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
  )
})

test('what must not be answered is not answered', () => {
  const cases: readonly (readonly [stanza: string, answered: boolean])[] = [
    [`<message from='a' to='b'/>`, true],
    [`<message type='headline' from='a' to='b'/>`, true],
    [`<message type='error' from='a' to='b'/>`, false],
    [`<presence from='a' to='b'/>`, true],
    [`<presence type='subscribe' from='a' to='b'/>`, true],
    [`<presence type='unavailable' from='a' to='b'/>`, false],
    [`<presence type='error' from='a' to='b'/>`, false],
    [`<iq type='get' from='a' to='b'/>`, true],
    [`<iq type='set' from='a' to='b'/>`, true],
    [`<iq type='nonsense' from='a' to='b'/>`, true],
    [`<iq type='result' from='a' to='b'/>`, false],
    [`<iq type='error' from='a' to='b'/>`, false],
    [`<message to='b'/>`, false],
    [`<message from='a'/>`, false],
    [`<other from='a' to='b'/>`, false],
  ]
  for (const [stanza, answered] of cases)
    assert.equal(errorReply(frameIn(stanza), REFUSED) !== undefined, answered, stanza)
})
