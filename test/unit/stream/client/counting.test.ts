// Words about counts, as each side says them and the other hears them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counting } from '../../../../src/stream/client/counting.ts'
import { Counts } from '../../../../src/stream/client/counts.ts'
import { element, SM } from './words.ts'

function counting() {
  const heard: string[] = []
  const note = (who: string) => (bytes: Buffer) => void heard.push(`${who} ${bytes.toString()}`)
  const words = new Counting({
    ...{ toClient: note('client'), toCore: note('core'), answer: note('answer') },
    end: (reason, detail, application) => void heard.push(`end ${reason} ${detail} ${application ?? ''}`.trim()),
  })
  return { words, heard }
}

const a = (h: number | string) => element(`<a ${SM} h='${h}'/>`)
const failed = element(`<failed ${SM}/>`)

test('a second <enable/> that the core refuses leaves the counts alone', () => {
  const { words, heard } = counting()
  words.begin()
  words.both('1')
  for (let n = 0; n < 3; n++) words.passed()
  words.begin()
  words.wordToClient(failed)
  words.wordToClient(a(3))
  assert.deepEqual(heard, [`client <failed ${SM}/>`, `client <a ${SM} h='3'/>`])
  assert.equal(words.resumable, '1')
})

test('so does one that comes before the first is answered', () => {
  const { words, heard } = counting()
  words.begin()
  words.passed()
  words.begin()
  words.both('1')
  words.wordToClient(failed)
  words.wordToClient(a(1))
  assert.match(heard.at(-1) ?? '', /h='1'/)
})

test('an <enable/> that the core refuses counts nothing, and another may follow', () => {
  const { words, heard } = counting()
  words.begin()
  words.passed()
  words.wordToClient(failed)
  words.passed()
  words.begin()
  words.passed()
  words.both(undefined)
  words.wordToClient(a(1))
  assert.match(heard.at(-1) ?? '', /h='1'/)
  words.wordToClient(a(2))
  assert.match(heard.at(-1) ?? '', /^end SP-807/)
})

test('who has handled more than was sent is told both numbers', () => {
  const { words, heard } = counting()
  words.begin()
  words.both(undefined)
  words.given()
  words.given()
  words.wordToCore(a(7))
  assert.equal(heard.at(-1), `end SP-495 7 of 2 <handled-count-too-high ${SM} h='7' send-count='2'/>`)
  words.wordToCore(a('x'))
  assert.equal(heard.at(-1), 'end SP-496 no number')
})

test('a session is wanted back by its id, by whoever says how far they got', () => {
  const kept = new Counts()
  for (let n = 0; n < 5; n++) kept.given()
  const ask = (attributes: string) => counting().words.want(element(`<resume ${SM} ${attributes}/>`), () => kept)
  assert.equal(ask("h='4' previd='x'")?.bytes.toString(), `<resume ${SM} h='4' previd='x'/>`)
  for (const wrong of ["h='6' previd='x'", "h='y' previd='x'", "previd='x'", "h='4'"])
    assert.equal(ask(wrong), undefined)
  assert.ok(ask("h='4' previd='x'"), 'a wrong word costs nothing')
})
