import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ending, Scene } from '../../../src/lab/conversation.ts'
import type { LabNews } from '../../../src/lab/lab.ts'
import { isEnding, isTurnedBack, readTurnedBack } from '../../../src/lab/turned-back.ts'

const ARRIVES: Ending = { kind: 'arrives', at: 'there.example', like: /<message\b[^>]*\bid="m1"/, says: 'arrived' }
const ANSWERED: Ending = { kind: 'arrives', at: 'here.example', like: /<received\b/, says: 'answered' }
const SCENE: Scene = {
  title: '',
  at: 'here.example',
  stanza: "<message from='a@here.example/r' to='b@there.example/r' id='m1'><body>Hello</body></message>",
  ends: [ARRIVES, ANSWERED],
}

const received = (domain: string, stanza: string): LabNews => ({ kind: 'received', domain, stanza })
const refused = (domain: string, remote: string): LabNews => ({ kind: 'refused', domain, remote, detail: 'over' })

/** What happens, and what it means for the stanza's arrival and for its answer. */
const NEWS: readonly (readonly [what: string, news: LabNews, arrival: Meaning, answer: Meaning])[] = [
  ['the stanza arrives', received('there.example', '<message id="m1"/>'), 'end', 'nothing'],
  ['another stanza arrives', received('there.example', '<message id="m2"/>'), 'nothing', 'nothing'],
  ['the answer arrives', received('here.example', '<message><received/></message>'), 'nothing', 'end'],
  ['the stanza comes back', received('here.example', '<message type="error" id="m1"/>'), 'back', 'back'],
  ['another stanza comes back', received('here.example', '<message type="error" id="m2"/>'), 'nothing', 'nothing'],
  ['an error without an id comes', received('here.example', '<message type="error"/>'), 'nothing', 'nothing'],
  [
    'the id is only quoted',
    received('here.example', '<message><x type="error" id="m1"/></message>'),
    'nothing',
    'nothing',
  ],
  ['the stream of the stanza is refused', refused('here.example', 'there.example'), 'back', 'back'],
  ['the stream of the answer is refused', refused('there.example', 'here.example'), 'nothing', 'back'],
  ['a stream to somebody else is refused', refused('here.example', 'else.example'), 'nothing', 'nothing'],
]

type Meaning = 'end' | 'back' | 'nothing'

const meaning = (news: LabNews, ending: Ending): Meaning =>
  isEnding(news, ending, SCENE) ? 'end' : isTurnedBack(news, ending, SCENE) ? 'back' : 'nothing'

for (const [what, news, arrival, answer] of NEWS) {
  test(`${what}: ${arrival} of the way, ${answer} of the answer`, () => {
    assert.deepEqual([meaning(news, ARRIVES), meaning(news, ANSWERED)], [arrival, answer])
  })
}

test('the condition and the reference are those of the error, whatever order its children have', () => {
  const ns = 'xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"'
  const text = `<text ${ns}>Reference 7f3k-9q2m-x04d</text>`
  for (const children of [`<gone ${ns}/>${text}`, `${text}<gone ${ns}/>`, `<other xmlns="x"/>${text}<gone ${ns}/>`]) {
    const stanza = `<message type="error" id="m1"><error type="cancel">${children}</error></message>`
    assert.deepEqual(readTurnedBack(received('here.example', stanza)), {
      by: 'stanza',
      condition: 'gone',
      reference: '7f3k-9q2m-x04d',
      text: 'Reference 7f3k-9q2m-x04d',
    })
  }
})
