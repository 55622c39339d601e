import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_PAYLOADS, type Payloads, withPayload } from '../../../src/xml/payload.ts'
import { frameIn } from './feed.ts'

const listOf = (...names: readonly string[]): Payloads =>
  names.reduce((list, name) => withPayload(list, 'urn:x', name), NO_PAYLOADS)

test('stanzas that carry the same have one list, and no other', () => {
  const [first, second] = [1, 2].map((n) => frameIn(`<message id='${n}'><body>${n}</body><x xmlns='urn:x'/></message>`))
  assert.equal(first!.payloads, second!.payloads)
  assert.deepEqual(
    first!.payloads.map(({ name }) => name),
    ['body', 'x'],
  )
  assert.notEqual(listOf('a', 'b'), listOf('b', 'a'))
  assert.notEqual(listOf('a'), listOf('a', 'a'))
})

test('a list that is shared cannot be changed', () => {
  assert.throws(() => (listOf('a').list as unknown[]).push('b'), TypeError)
})

test('whatever is carried, and however much, the lists are right and few are kept', () => {
  for (let n = 0; n < 5000; n++) {
    const names = [`a${n % 97}`, `b${n}`, `c${n % 7}`]
    assert.deepEqual(
      listOf(...names).list.map(({ name }) => name),
      names,
    )
  }
  let kept = 0
  const count = ({ longer }: Payloads): void => longer.forEach((one) => void (count(one), (kept += 1)))
  count(NO_PAYLOADS)
  assert.ok(kept <= 1100, `${kept} lists`)
})

test('a stanza carries more than a list that is kept has room for', () => {
  for (const many of [7, 8, 9, 10, 500]) {
    const names = Array.from({ length: many }, (_, n) => `n${n}`)
    const frame = frameIn(`<iq>${names.map((name) => `<${name}/>`).join('')}</iq>`)
    assert.deepEqual(
      frame.payloads.map(({ name }) => name),
      names,
    )
  }
})

test('what is longer than any real name is kept by nobody', () => {
  for (const [namespace, name] of [
    ['u'.repeat(97), 'x'],
    ['urn:x', 'n'.repeat(97)],
  ] as const) {
    const [first, second] = [1, 2].map(() => withPayload(NO_PAYLOADS, namespace, name))
    assert.notEqual(first, second)
    assert.deepEqual(first!.list, [{ namespace, name }])
  }
})
