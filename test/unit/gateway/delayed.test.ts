import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayed, NOTICEABLE_MS } from '../../../src/gateway/links/delayed.ts'
import { parseElement } from '../../../src/xml/element.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { bench } from './link-bench.ts'

/** That of the bench. */
const QUEUE_WAIT_MS = 60_000

const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const STAMP = '2026-01-02T03:04:05.678Z'

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok, text)
  return read.frame
}

const BETWEEN = "from='anna@corp.example/desk' to='bob@xn--bcher-kva.example'"

test('what tells people something gets one stamp from the domain of ours, and stays otherwise what it was', () => {
  for (const [stanza, written] of [
    [`<message ${BETWEEN}><body>é</body></message>`, `<message ${BETWEEN}><body>é</body>%</message>`],
    [`<presence ${BETWEEN}/>`, `<presence ${BETWEEN}>%</presence>`],
    [`<presence type='unavailable' ${BETWEEN} />`, `<presence type='unavailable' ${BETWEEN} >%</presence>`],
    [
      `<message ${BETWEEN}><body><![CDATA[</message>]]></body></message >`,
      `<message ${BETWEEN}><body><![CDATA[</message>]]></body>%</message >`,
    ],
    [`<s:message xmlns:s='jabber:server' ${BETWEEN}/>`, `<s:message xmlns:s='jabber:server' ${BETWEEN}>%</s:message>`],
  ] as const) {
    const frame = frameOf(stanza)
    for (const [leg, domain] of [
      ['partner', 'corp.example'],
      ['core', 'bücher.example'],
    ] as const) {
      const text = delayed(frame.raw, frame, leg, SINCE).toString()
      const stamp = `<delay xmlns='urn:xmpp:delay' from='${domain}' stamp='${STAMP}'/>`
      assert.equal(
        text,
        written.replace('%', () => stamp),
      )
      const [delay, ...others] = parseElement(frameOf(text)).getChildren('delay', 'urn:xmpp:delay')
      assert.equal(delay?.attrs['stamp'], STAMP)
      assert.equal(others.length, 0)
    }
  }
})

test('questions, answers, errors, subscriptions and what bears a stamp go as they are', () => {
  for (const stanza of [
    `<iq type='get' id='1' ${BETWEEN}><ping xmlns='urn:xmpp:ping'/></iq>`,
    `<iq type='result' id='1' ${BETWEEN}/>`,
    `<message type='error' ${BETWEEN}><error type='cancel'/></message>`,
    `<presence type='error' ${BETWEEN}><error type='cancel'/></presence>`,
    `<presence type='subscribe' ${BETWEEN}/>`,
    `<presence type='probe' ${BETWEEN}/>`,
    `<message ${BETWEEN}><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/><body>Old</body></message>`,
  ]) {
    const frame = frameOf(stanza)
    assert.equal(delayed(frame.raw, frame, 'partner', SINCE), frame.raw, stanza)
  }
  const own = Buffer.from('<message/>')
  assert.equal(delayed(own, undefined, 'partner', SINCE), own, 'what the gateway says itself')
})

test('what has waited for a stream is stamped, by when it came, and what has not, or not for long, is not', async () => {
  const { link, dials, later, now, budget } = bench()
  const frame = frameOf(`<message ${BETWEEN}/>`)
  const send = (): void => link.send({ bytes: frame.raw, frame, source: undefined })
  const began = now()
  send()
  later(1)
  send()
  later(NOTICEABLE_MS - 1)
  const stream = await dials[0]?.settle(true)
  send()
  const plain = frame.raw.toString()
  const stamp = `<delay xmlns='urn:xmpp:delay' from='corp.example' stamp='${new Date(began).toISOString()}'/>`
  assert.deepEqual(stream?.written, [plain.replace('/>', `>${stamp}</message>`), plain, plain])
  assert.equal(budget.underWay, 0)
})

const written = frameOf(`<message ${BETWEEN}/>`)
const stampedAt = (since: number): string => delayed(written.raw, written, 'partner', since).toString()

test('what a stream that breaks never gave away is stamped once, on the next one, by when it came', async () => {
  const { link, dials, later, now, budget } = bench()
  const send = (): void => link.send({ bytes: written.raw, frame: written, source: undefined })
  const began = now()
  send()
  later(NOTICEABLE_MS)
  const first = await dials[0]?.settle(true, false)
  later(1000)
  send()
  later(1000)
  first?.breaks({ condition: 'reset', by: 'peer' })
  later(100)
  send()
  later(NOTICEABLE_MS - 1000)
  const second = await dials[1]?.settle(true)
  assert.deepEqual(first?.written, [stampedAt(began), written.raw.toString()])
  assert.deepEqual(second?.written, [stampedAt(began), stampedAt(began + NOTICEABLE_MS + 1000), written.raw.toString()])
  assert.equal(budget.underWay, 0)
})

test('what a stream has kept is stamped on one that is there at once, and waits anew where there is none', async () => {
  const { link, dials, later, now, bounced, texts } = bench()
  link.send({ bytes: written.raw, frame: written, source: undefined })
  const first = await dials[0]?.settle(true, false)
  const began = now()
  later(QUEUE_WAIT_MS)
  first?.breaks({ condition: 'reset', by: 'peer' })
  link.expire()
  assert.deepEqual(bounced, [], 'it has waited for no stream yet')
  const second = await dials[1]?.settle(true, false)
  assert.deepEqual(second?.written, [stampedAt(began)])
  second?.breaks({ condition: 'reset', by: 'peer' })
  later(QUEUE_WAIT_MS + 1)
  link.expire()
  assert.deepEqual(texts(), [written.raw.toString()], 'as it came')
})
