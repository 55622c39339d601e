import assert from 'node:assert/strict'
import { test } from 'node:test'
import xml from '@xmpp/xml'
import type { Pattern } from '../../../src/conformance/case.ts'
import { filledStep } from '../../../src/conformance/filling.ts'
import { differs, inWords } from '../../../src/conformance/pattern.ts'
import { Reader, type Read } from '../../../src/conformance/stage/reader.ts'
import { masked, shortly, Transcript } from '../../../src/conformance/stage/transcript.ts'

const message = xml(
  'message',
  { xmlns: 'jabber:server', type: 'error', id: 'a' },
  xml('error', { type: 'cancel' }, xml('not-allowed', { xmlns: 'urn:x' })),
)

test('an element is like a pattern where everything is that the pattern names', () => {
  const table: readonly (readonly [Pattern, RegExp | undefined])[] = [
    [{ name: 'message' }, undefined],
    [{ name: 'message', ns: 'jabber:server', attributes: { type: 'error', id: true, to: false } }, undefined],
    [{ name: 'message', has: [{ name: 'error', has: [{ name: 'not-allowed', ns: 'urn:x' }] }] }, undefined],
    [{ name: 'presence' }, /<message\/> instead of <presence\/>/],
    [{ name: 'message', ns: 'jabber:client' }, /in jabber:server, not jabber:client/],
    [{ name: 'message', attributes: { type: 'chat' } }, /type=error, not chat/],
    [{ name: 'message', attributes: { id: false } }, /id=a, not false/],
    [{ name: 'message', attributes: { to: true } }, /to=undefined, not true/],
    [{ name: 'message', has: [{ name: 'error', has: [{ name: 'forbidden' }] }] }, /lacks <error\/>/],
    [{ name: 'message', lacks: [{ name: 'body' }, { name: 'error', attributes: { type: 'wait' } }] }, undefined],
    [{ name: 'message', lacks: [{ name: 'body' }, { name: 'error' }] }, /has <error\/>/],
    [{ name: 'message', text: 'Hello' }, /says "", not "Hello"/],
  ]
  for (const [pattern, wrong] of table) {
    const difference = differs(message, pattern)
    if (wrong === undefined) assert.equal(difference, undefined, inWords(pattern))
    else assert.match(difference ?? 'no difference', wrong)
  }
})

test('placeholders are filled wherever there are texts, and what is unknown stays', () => {
  const like = (to: string) => ({
    coreHears: { name: 'message', attributes: { to, id: true }, has: [{ name: 'body', text: '{unknown}' }] },
  })
  assert.deepEqual(filledStep(like('{user}'), { user: 'alice@corp.example' }), like('alice@corp.example'))
})

test('a stream is read piece by piece, with the namespaces of its header, and what is no XML is told once', () => {
  const heard: Read[] = []
  const reader = new Reader((read) => heard.push(read))
  const text =
    "<?xml version='1.0'?><s:stream xmlns='jabber:server' xmlns:s='urn:s' id='1'><a x='1'>t<b/></a> <s:error/></s:stream>"
  for (const character of text) reader.write(character)
  assert.deepEqual(
    heard.map(({ kind }) => kind),
    ['header', 'element', 'element', 'end'],
  )
  const [header, element, error] = heard
  assert.ok(header?.kind === 'header' && header.attributes['id'] === '1')
  assert.ok(element?.kind === 'element' && element.element.getNS() === 'jabber:server')
  assert.equal(element.element.getText(), 't')
  assert.ok(error?.kind === 'element' && error.element.getNS() === 'urn:s')
  const broken: Read[] = []
  const another = new Reader((read) => broken.push(read))
  another.write('<a><b></a>')
  another.write('<c/>')
  assert.equal(broken.filter(({ kind }) => kind === 'garbled').length, 1)
})

test('bodies and credentials are not kept, only how long they were and their digest', () => {
  const line = masked("<message><body>Meet me at nine</body></message><auth mechanism='EXTERNAL'>c2VjcmV0</auth>")
  assert.doesNotMatch(line, /nine|c2VjcmV0/)
  assert.match(line, /<body>\[15 characters, sha256 [0-9a-f]{16}\]<\/body>/)
  assert.match(line, /<auth mechanism='EXTERNAL'>\[8 characters/)
})

test('nor are keys of dialback, whatever the prefix, bodies with elements in them, and what ends in another line', () => {
  for (const said of [
    "<db:result from='a.example' to='b.example'>5ec7e7</db:result>",
    '<db:verify id="x>y" from="a.example">5ec7e7</db:verify >',
    '<handshake>5ec7e7</handshake>',
    '<x:body>before <b>5ec7e7</b> after</x:body>',
    '<message><body>begins 5ec7e7',
  ])
    assert.doesNotMatch(masked(said), /5ec7e7/, said)
  const answers =
    "<db:result type='error'><error type='cancel'><not-authorized/></error></db:result><success xmlns='urn:x/y'/><status code='110'/><body></body>"
  assert.equal(masked(answers), answers)
  const long = `<message id='${'1'.repeat(150)}'><body>${'word '.repeat(40)}</body></message>`
  assert.doesNotMatch(shortly(long), /word/)
  assert.ok(shortly(long).length <= 200)
})

test('what is private is masked in whatever pieces it comes, and each speaker has pieces of their own', () => {
  const whole =
    "<message id='a'><body>Meet me at nine</body><x/></message><x:auth>c2VjcmV0</x:auth><presence><status>Away</status></presence>"
  const kept = masked(whole)
  for (let cut = 1; cut < whole.length; cut++)
    for (const second of [cut + 1, Math.min(cut + 9, whole.length)]) {
      const transcript = new Transcript(() => 0)
      const pieces = [whole.slice(0, cut), whole.slice(cut, second), whole.slice(second)]
      for (const piece of pieces) {
        transcript.add('gateway', piece)
        transcript.add('peer', '<message><body>')
        transcript.add('note', 'a note')
      }
      const { lines } = transcript
      const shown = lines.filter(({ who }) => who === 'gateway').map(({ text }) => text)
      assert.equal(shown.join('').replaceAll('[its rest]', ''), kept, `cut at ${cut} and ${second}`)
      assert.equal(lines.filter(({ who }) => who === 'note').length, 3)
    }
})

test('what one document leaves open hides nothing of the next', () => {
  const transcript = new Transcript(() => 0)
  transcript.add('peer', '<message><body>left open')
  transcript.add('peer', "<?xml version='1.0'?><stream:stream to='a.example'>")
  assert.deepEqual(
    transcript.lines.map(({ text }) => text.replace(/sha256 [0-9a-f]+/, '…')),
    ['<message><body>[9 characters, …]', "<?xml version='1.0'?><stream:stream to='a.example'>"],
  )
})
