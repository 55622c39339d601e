// What cases of several areas have in common.

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'

const { SASL, STANZA_ERRORS, STREAMS, TLS } = NAMESPACES

export const MECHANISMS: Pattern = { name: 'mechanisms', ns: SASL }
export const EXTERNAL: Pattern = { ...MECHANISMS, has: [{ name: 'mechanism', text: 'EXTERNAL' }] }
export const STARTTLS_REQUIRED: Pattern = { name: 'starttls', ns: TLS, has: [{ name: 'required' }] }
export const STARTTLS = `<starttls xmlns='${TLS}'/>`
export const PROCEED = `<proceed xmlns='${TLS}'/>`
export const CHAT =
  "<message type='chat' from='{contact}/desk' to='{user}' id='{id}'><body>Good morning</body></message>"

export const openedWith = (attributes: string): string => `<?xml version='1.0'?><stream:stream ${attributes}>`
export const USUAL = `xmlns='jabber:server' xmlns:stream='${STREAMS}' version='1.0'`
/** The header of a peer that connects, and of one that is connected to. */
export const OPENING = openedWith(`${USUAL} from='{peer}' to='{us}'`)
export const ANSWERING = openedWith(`${USUAL} from='{peer}' to='{us}' id='answer'`)

/** An error stanza with this condition, as it comes back to whoever sent the stanza. */
export const errorOf = (name: string, condition: string, id = '{id}'): Pattern => ({
  name,
  attributes: { type: 'error', id, from: true, to: true },
  has: [{ name: 'error', attributes: { type: true }, has: [{ name: condition, ns: STANZA_ERRORS }] }],
})

/** A case in which the peer says something, and is told by a stream error that it must not. */
export const endedBy = (
  id: string,
  requirements: readonly string[],
  title: string,
  phase: TestCase['phase'],
  say: string,
  condition: string | readonly string[],
): TestCase => ({
  ...{ id, requirements, title, phase, role: 'receiving' },
  steps: [{ say }, { hear: { kind: 'stream-error', condition } }],
})

/** The peer, whose certificate has proven its name, says something. */
export const peerSays = (
  id: string,
  requirements: readonly string[],
  title: string,
  steps: readonly Step[],
  entry?: TestCase['entry'],
): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'authenticated' },
  ...(entry && { entry }),
})
