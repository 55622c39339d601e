// The same session straight to a core and through the gateway: what is heard is the same, word for word, but for what is
// written down in test/cases/remote-differences.json, each with its reason. What is written there and does not come fails too.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as z from 'zod'
import type { Dialog } from '../support/dialog.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { RawClient } from '../support/raw-client.ts'
import { linesOf, type Normal } from './heard.ts'
import { OURS, places } from './places.ts'
import { LAST_WORDS, ROOMS, SCRIPT } from './session-script.ts'
import { buildWorld } from './world.ts'

const Difference = z.strictObject({
  cores: z.array(z.enum(['prosody', 'ejabberd'])),
  step: z.string(),
  /** Heard only by whoever goes straight to the core, or only through the gateway. */
  direct: z.array(z.string()).default([]),
  through: z.array(z.string()).default([]),
  why: z.string().min(10),
})

const DIFFERENCES = z
  .array(Difference)
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../cases/remote-differences.json'), 'utf8')))

const CORES = { prosody, ejabberd } as const

/** Step → who → what they have heard in it. */
type Heard = ReadonlyMap<string, readonly string[]>

/** What differs in a step. */
interface Found {
  readonly step: string
  readonly direct: readonly string[]
  readonly through: readonly string[]
}

interface Place {
  readonly host: string
  readonly core: string
  readonly user: string
  readonly contact: string
}

function normalOf({ user, contact }: Place): Normal {
  return {
    names: [
      [`${user}@`, 'user@'],
      [`${contact}@`, 'contact@'],
      [`${user}-room@`, 'room@'],
    ],
    isScripted: (value) => /^(?:[scl]-[a-z]+|bind|mark-\d+)$/.test(value),
  }
}

const worded = (words: string, { user, contact }: Place): string =>
  words
    .replaceAll('{user}', `${user}@${OURS}`)
    .replaceAll('{contact}', `${contact}@${OURS}`)
    .replaceAll('{room}', `${user}-room@${ROOMS}`)
    .replaceAll('{domain}', OURS)

const MARK = /<iq(?=[^>]*type=['"]result['"])[^>]* id=['"]mark-(\d+)['"]/

/** Everything in one step has come when it comes: the server answers in order. */
async function mark(dialog: Dialog, step: number): Promise<void> {
  const ping = `<iq type='get' id='mark-${step}' to='${OURS}'><ping xmlns='urn:xmpp:ping'/></iq>`
  await dialog.say(ping).expect(new RegExp(`<iq[^>]*id=['"]mark-${step}['"][^>]*>`))
}

async function hears(dialog: Dialog, all: readonly RegExp[] = []): Promise<void> {
  for (const one of all) await dialog.expect(new RegExp(`(?=[\\s\\S]*?${one.source})`))
}

async function play(place: Place): Promise<Heard> {
  const clients = {
    user: await RawClient.login({ host: place.host, domain: OURS, user: place.user, mechanism: 'SCRAM-SHA-1' }),
    contact: await RawClient.login({ host: place.core, domain: OURS, user: place.contact }),
  }
  await clients.user.bind('script')
  await clients.contact.bind('inside')
  const { user, contact } = { user: clients.user.dialog, contact: clients.contact.dialog }
  await mark(user, 0)
  await mark(contact, 0)
  for (const [number, step] of SCRIPT.entries()) {
    try {
      if (step.user !== undefined) user.say(worded(step.user, place))
      if (step.contact !== undefined) contact.say(worded(step.contact, place))
      await Promise.all([hears(user, step.userHears), hears(contact, step.contactHears)])
      await Promise.all([mark(user, number + 1), mark(contact, number + 1)])
    } catch (error) {
      throw new Error(`${place.user}: ${step.about}`, { cause: error })
    }
  }
  const heard = new Map<string, string[]>()
  // Who leaves first is seen leaving by the other, or not.
  const all = [
    ['user', user.all],
    ['contact', contact.all],
  ] as const
  for (const dialog of [user, contact]) await dialog.say('</stream:stream>').end()
  for (const [who, text] of all) {
    let step: string | undefined = 'log-in'
    for (const line of linesOf(text, normalOf(place))) {
      if (step === undefined) break
      const key = `${who}: ${step}`
      heard.set(key, [...(heard.get(key) ?? []), line])
      const [, number] = MARK.exec(line) ?? []
      if (number !== undefined) step = SCRIPT[Number(number)]?.about
    }
  }
  for (const { about, words } of LAST_WORDS) {
    const client = await RawClient.login({ host: place.host, domain: OURS, user: place.user })
    await client.bind('last')
    const { dialog } = client
    const before = linesOf(dialog.all, normalOf(place)).length
    dialog.say(worded(words, place))
    await dialog.end()
    heard.set(`last words: ${about}`, linesOf(dialog.all, normalOf(place)).slice(before))
  }
  return heard
}

/** What is in one and not in the other, as often as it is. */
function beyond(these: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return these.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

describe('the same session straight to the core and through the gateway', () => {
  for (const [kind, number] of [
    ['prosody', 151],
    ['ejabberd', 152],
  ] as const) {
    test(`at ${kind}`, needsPeer(kind, 'dnsmasq', 'root'), async (t) => {
      const at = places(number)
      const { gateway, core } = await buildWorld(t, {
        number,
        core: (one, options) => CORES[kind](one, { ...options, extras: true }),
        outside: {},
        remote: {},
      })
      try {
        const direct = await play({ host: at.core, core: at.core, user: 'judy', contact: 'bob' })
        const through = await play({ host: at.outer, core: at.core, user: 'ivan', contact: 'carol' })
        assert.deepEqual([...through.keys()], [...direct.keys()])
        const found = [...direct].flatMap(([step, lines]) => {
          const others = through.get(step) ?? []
          const differs = { step, direct: beyond(lines, others), through: beyond(others, lines) }
          return differs.direct.length + differs.through.length > 0 ? [differs] : []
        })
        const written = DIFFERENCES.filter(({ cores }) => cores.includes(kind))
        const expected = [...new Set(written.map(({ step }) => step))].map((step) => {
          const here = written.filter((one) => one.step === step)
          return { step, direct: here.flatMap((one) => one.direct), through: here.flatMap((one) => one.through) }
        })
        const sorted = (all: readonly Found[]) =>
          all
            .map((one) => ({ ...one, direct: one.direct.toSorted(), through: one.through.toSorted() }))
            .toSorted((a, b) => (a.step < b.step ? -1 : 1))
        assert.deepEqual(sorted(found), sorted(expected))
      } catch (error) {
        t.diagnostic([gateway, core].map(({ log }) => log.tail()).join('\n'))
        throw error
      }
    })
  }
})
