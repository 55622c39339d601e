// Every case can be read by whoever assesses the product: what holds before, what is done, what is expected; and it lies with the
// report as it is played.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CASES } from '../../../src/conformance/cases/all.ts'
import { caseInWords, isWithoutPeer, readCase } from '../../../src/conformance/reading.ts'
import { filesOf } from '../../../src/conformance/report/attachments.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { Transcript } from '../../../src/conformance/stage/transcript.ts'
import { CASES_BY_ID, REPORT, REQUIREMENTS_BY_ID } from './example-report.ts'

test('every case reads as sentences: what holds before, what is done, and at least one thing that is expected', () => {
  for (const one of CASES) {
    const { before, steps, role } = readCase(one)
    assert.equal(role, one.role === 'receiving' ? 'server' : 'client')
    assert.ok(before.length >= (isWithoutPeer(one) ? 2 : 3), one.id)
    assert.equal(steps.length, one.steps.length, one.id)
    assert.ok(
      steps.some(({ kind }) => kind === 'expects'),
      `${one.id} expects nothing`,
    )
    for (const { text } of steps) assert.doesNotMatch(text, /^[{[]|\bundefined\b(?!-)|\[object/, `${one.id}: ${text}`)
  }
})

test('a case is read as it is played', () => {
  const one = CASES_BY_ID.get('STR-01/other-root-namespace') ?? assert.fail()
  const text = caseInWords(readCase(one))
  assert.match(text, /^ {2}before: there is a connection, and nothing was said\n/)
  assert.match(text, /1\. does: the peer says <[^]*expects: the stream error invalid-namespace, and the end of stream/)
  const page = htmlOf(REPORT, CASES_BY_ID, REQUIREMENTS_BY_ID)
  assert.match(
    page,
    /<details><summary>Steps<\/summary><ol><li>Before: there is a connection[^]*<strong>Expected<\/strong>: the stream error/,
  )
})

test('a command is read with who runs it, what is typed and what it must not say, and no peer where there is none', () => {
  const words = (id: string): string => caseInWords(readCase(CASES_BY_ID.get(id) ?? assert.fail(id)))
  const sat = words('ADM-01/own-words')
  assert.match(
    sat,
    /1\. .* at a terminal where somebody types "no\\n", ends badly .*, and says nothing of "Our domains"\n/,
  )
  assert.match(sat, /2\. .* at a terminal where somebody types "perhaps\\nyes\\n", ends well/)
  assert.match(sat, /before: no peer has a part in it\n/)
  assert.doesNotMatch(sat, /the peer shows|it has an entry/)
  const scripted = words('IP6-02/clock')
  assert.match(
    scripted,
    /sallyport check --online, .*by a script whose owner has accepted the notice \(SALLYPORT_NOTICE\), ends/,
  )
  assert.match(words('STR-01/other-root-namespace'), /before: the peer shows a certificate[^]*before: it has an entry/)
})

test('the cases that were played lie with the report, in words and as data, each once', () => {
  const [first, second] = CASES
  const played = ([first!, second!, first!] as const).map((testCase, index) => ({
    performance: { testCase, ip: index === 2 ? 6 : 4, unicode: 'a.example', peer: 'a.example' } as const,
    ...{ outcome: { kind: 'pass' } as const, transcript: new Transcript(() => 0), began: 0, ms: 1 },
    ...{ log: [], certificate: undefined },
  }))
  const files = filesOf({ played, settings: {}, bill: undefined })
  const read: unknown = JSON.parse(files.get('cases.json') ?? '')
  const wanted = [first!, second!].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  assert.deepEqual(
    read,
    wanted.map((one) => JSON.parse(JSON.stringify({ ...readCase(one), data: one }))),
  )
})
