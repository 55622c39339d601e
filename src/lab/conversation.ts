// The conversation that the demonstration plays: who says what to whom, and how it must end. A table, so that a reader
// sees at a glance what the gateway promises.

import type { StanzaCondition, StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { AURORA, BOREALIS, CORE, CYGNUS } from './places.ts'

export interface Scene {
  readonly title: string
  /** The lab server that sends. */
  readonly at: string
  readonly stanza: string
  readonly ends: readonly Ending[]
}

export type Ending =
  /** A stanza arrives at a lab server; `like` tells it from others. */
  | { readonly kind: 'arrives'; readonly at: string; readonly like: RegExp; readonly says: string }
  /** The sender is told why not, by an error stanza. */
  | { readonly kind: 'error'; readonly at: string; readonly condition: StanzaCondition; readonly reason: ReasonId }
  /** The sender's server is told why not, by a stream error. */
  | { readonly kind: 'stream'; readonly at: string; readonly condition: StreamCondition; readonly reason: ReasonId }

const alice = `${CORE.user}@${CORE.domain}`
const bob = `${AURORA.user}@${AURORA.domain}`
const mallory = `${BOREALIS.user}@${BOREALIS.domain}`
const eve = `${CYGNUS.user}@${CYGNUS.domain}`

export const chat = (from: string, to: string, id: string, body: string, more = ''): string =>
  `<message type='chat' from='${from}/lab' to='${to}' id='${id}'><body>${body}</body>${more}</message>`

/** A message of that id arrives at a place of the lab. */
export const arrives = (at: string, id: string, says: string): Ending => ({
  kind: 'arrives',
  at,
  like: new RegExp(`<message\\b[^>]*\\bid="${id}"`),
  says,
})

/** @param run makes the ids of one performance its own */
export function conversation(run: string): readonly Scene[] {
  return [
    {
      title: `${alice} → ${bob}: Hello from inside 👋`,
      at: CORE.domain,
      stanza: chat(alice, bob, `${run}-1`, 'Hello from inside 👋', "<request xmlns='urn:xmpp:receipts'/>"),
      ends: [
        arrives(AURORA.domain, `${run}-1`, 'reached the partner'),
        {
          kind: 'arrives',
          at: CORE.domain,
          like: new RegExp(`<received\\b[^>]*\\bid="${run}-1"`),
          says: 'the receipt came back',
        },
      ],
    },
    {
      title: `${bob} → ${alice}: Hello from outside`,
      at: AURORA.domain,
      stanza: chat(bob, alice, `${run}-2`, 'Hello from outside'),
      ends: [arrives(CORE.domain, `${run}-2`, 'reached the core')],
    },
    {
      title: `${alice} asks to see the presence of ${bob}`,
      at: CORE.domain,
      stanza: `<presence type='subscribe' from='${alice}' to='${bob}' id='${run}-3'/>`,
      ends: [
        { kind: 'arrives', at: CORE.domain, like: /<presence\b[^>]*\btype="subscribed"/, says: 'granted' },
        { kind: 'arrives', at: CORE.domain, like: /<status>In the lab<\/status>/, says: 'presence seen' },
      ],
    },
    {
      title: `${alice} writes to nobody@${AURORA.domain}, whom the partner does not know`,
      at: CORE.domain,
      stanza: chat(alice, `nobody@${AURORA.domain}`, `${run}-4`, 'Anybody there?'),
      ends: [
        {
          kind: 'arrives',
          at: CORE.domain,
          like: new RegExp(`<message\\b[^>]*\\bid="${run}-4".*<service-unavailable`),
          says: "the partner's own error came back",
        },
      ],
    },
    {
      title: `${alice} → ${mallory}, whose domain is blocked`,
      at: CORE.domain,
      stanza: chat(alice, mallory, `${run}-5`, 'Are you there?'),
      ends: [{ kind: 'error', at: CORE.domain, condition: 'not-allowed', reason: 'SP-102' }],
    },
    {
      title: `${alice} → somebody@stranger.example, who is not in the partner list`,
      at: CORE.domain,
      stanza: chat(alice, 'somebody@stranger.example', `${run}-6`, 'Hello?'),
      ends: [{ kind: 'error', at: CORE.domain, condition: 'not-allowed', reason: 'SP-101' }],
    },
    {
      title: `${mallory} → ${alice}: a blocked partner with a good certificate`,
      at: BOREALIS.domain,
      stanza: chat(mallory, alice, `${run}-7`, 'Let me in'),
      ends: [{ kind: 'stream', at: BOREALIS.domain, condition: 'policy-violation', reason: 'SP-102' }],
    },
    {
      title: `${eve} → ${alice}: an admitted name, but the certificate names somebody else`,
      at: CYGNUS.domain,
      stanza: chat(eve, alice, `${run}-8`, 'It is me, honestly'),
      ends: [{ kind: 'stream', at: CYGNUS.domain, condition: 'not-authorized', reason: 'SP-301' }],
    },
    {
      title: `${alice} → ${eve}: the same certificate, met from the other side`,
      at: CORE.domain,
      stanza: chat(alice, eve, `${run}-9`, 'Is it you?'),
      ends: [{ kind: 'error', at: CORE.domain, condition: 'remote-server-timeout', reason: 'SP-301' }],
    },
    {
      title: `${bob}'s server claims to speak for ${mallory}`,
      at: AURORA.domain,
      stanza: chat(mallory, alice, `${run}-10`, 'Through the back door'),
      ends: [{ kind: 'stream', at: AURORA.domain, condition: 'invalid-from', reason: 'SP-121' }],
    },
    {
      title: `${bob} → ${alice}: and the conversation goes on`,
      at: AURORA.domain,
      stanza: chat(bob, alice, `${run}-11`, 'Still here'),
      ends: [arrives(CORE.domain, `${run}-11`, 'reached the core on a new stream')],
    },
  ]
}
