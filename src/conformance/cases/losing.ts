// Who is gone, and what becomes of what was meant for them or believed of them (PRS, MUC, MSG): a partner whose streams break,
// and who comes back. RFC 6121 §4, XEP-0045 §18.1.2

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { PROVES_ONCE_MORE } from './showing.ts'
import { CHAT } from './making.ts'
import { MUC, USER } from './room-words.ts'

const { STANZA_ERRORS } = NAMESPACES

/** A partner has half a minute to come back, by default. */
const UNTIL_LOST_MS = 60_000
const BURST = 20

const lost = (id: string, requirements: readonly string[], title: string, ...steps: readonly Step[]): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'authenticated' },
})

const presence = (from: string, to: string, type?: string): Pattern => ({
  ...{ name: 'presence', attributes: { from, to, type: type ?? false } },
})
const says = (n: number, of: string): Step => ({
  coreSays: `<message type='chat' from='{user}/desk' to='{contact}' id='{id}-${of}-${n}'><body>${n}</body></message>`,
})
const all = <T>(make: (n: number) => T): readonly T[] => Array.from({ length: BURST }, (_, n) => make(n))

const hears = (n: number, of: string): Step => ({
  say: `<message type='chat' from='{contact}/desk' to='{user}' id='{id}-${of}-${n}'><body>${n}</body></message>`,
})
const returned = (id: string): Pattern => ({
  ...{ name: 'message', attributes: { type: 'error', id: `{id}-${id}`, from: '{user}', to: '{contact}/desk' } },
  has: [{ name: 'error' }],
})

/** By a stanza error, to the one who said it. */
const bounced = (n: number): Pattern => ({
  ...{ name: 'message', attributes: { type: 'error', id: `{id}-after-${n}`, from: '{contact}', to: '{user}/desk' } },
  has: [{ name: 'error' }],
})
const IN_ROOM = `<x xmlns='${USER}'><item affiliation='member' role='participant'/></x>`

/** The core goes, for good. */
const CORE_LOST: readonly TestCase[] = [
  {
    ...lost(
      'PRS-04/core-lost',
      ['PRS-04', 'PRS-06', 'MUC-13'],
      'Whoever of ours was seen outside goes unavailable there when the core cannot be reached any more: contacts, and rooms.',
      { coreSays: "<presence from='{user}/desk' to='{contact}'/>" },
      { comesBack: presence('{user}/desk', '{contact}') },
      { coreSays: `<presence from='{user}/desk' to='aurora@{peer}/Al'><x xmlns='${MUC}'/></presence>` },
      { comesBack: presence('{user}/desk', 'aurora@{peer}/Al') },
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { core: 'breaks' },
      { comesBack: presence('{user}/desk', '{contact}', 'unavailable'), withinMs: UNTIL_LOST_MS },
      { comesBack: presence('{user}/desk', 'aurora@{peer}/Al', 'unavailable'), withinMs: UNTIL_LOST_MS },
      { copiesOf: presence('{user}/desk', '{contact}', 'unavailable'), at: 'back', times: 1 },
    ),
    own: true,
  },
  {
    ...lost(
      'MSG-04/core-lost',
      ['MSG-04'],
      'Of what a partner says to a core that then cannot be reached everything either has arrived or comes back, once.',
      ...all((n) => hears(n, 'before')),
      { inOrder: all((n) => ({ name: 'message', attributes: { type: 'chat', id: `{id}-before-${n}` } })), at: 'core' },
      { core: 'breaks' },
      ...all((n) => hears(n, 'after')),
      ...all((n): Step => ({ comesBack: returned(`after-${n}`), withinMs: UNTIL_LOST_MS })),
      ...all((n): Step => ({ copiesOf: returned(`after-${n}`), at: 'back', times: 1 })),
      ...all((n): Step => ({ copiesOf: returned(`before-${n}`), at: 'back', times: 0 })),
    ),
    own: true,
  },
]

export const LOSING: readonly TestCase[] = [
  lost(
    'PRS-05/partner-lost',
    ['PRS-05', 'PRS-06'],
    'Who was seen at a partner that cannot be reached any more is shown unavailable, and asked for when the partner is back.',
    { say: "<presence from='{contact}/desk' to='{user}'/>" },
    { coreHears: presence('{contact}/desk', '{user}') },
    { peer: 'breaks' },
    { coreHears: presence('{contact}/desk', '{user}', 'unavailable'), withinMs: UNTIL_LOST_MS },
    { copiesOf: presence('{contact}/desk', '{user}', 'unavailable'), at: 'core', times: 1 },
    { peer: 'returns' },
    ...PROVES_ONCE_MORE,
    { comesBack: { name: 'presence', attributes: { type: 'probe', to: '{contact}' } }, withinMs: 30_000 },
  ),
  {
    ...lost(
      'MUC-13/theirs-in-ours',
      ['MUC-13'],
      'Where a partner cannot be reached any more, those of its users who are in rooms of ours leave them.',
      { say: `<presence from='{contact}/desk' to='aurora@{us}/Zoë'><x xmlns='${MUC}'/></presence>` },
      { coreHears: presence('{contact}/desk', 'aurora@{us}/Zoë') },
      { coreSays: `<presence from='aurora@{us}/Zoë' to='{contact}/desk'>${IN_ROOM}</presence>` },
      { comesBack: presence('aurora@{us}/Zoë', '{contact}/desk') },
      { peer: 'breaks' },
      { coreHears: presence('{contact}/desk', 'aurora@{us}/Zoë', 'unavailable'), withinMs: UNTIL_LOST_MS },
    ),
    with: 'rooms',
  },
  lost(
    'MUC-13/ours-in-theirs',
    ['MUC-13'],
    'Users of ours who are in a room of a partner that cannot be reached any more see everybody in it go.',
    { coreSays: `<presence from='{user}/desk' to='aurora@{peer}/Al'><x xmlns='${MUC}'/></presence>` },
    { comesBack: presence('{user}/desk', 'aurora@{peer}/Al') },
    { say: `<presence from='aurora@{peer}/Zoë' to='{user}/desk'>${IN_ROOM}</presence>` },
    {
      say: `<presence from='aurora@{peer}/Al' to='{user}/desk'>${IN_ROOM.replace('</x>', "<status code='110'/></x>")}</presence>`,
    },
    {
      inOrder: [presence('aurora@{peer}/Zoë', '{user}/desk'), presence('aurora@{peer}/Al', '{user}/desk')],
      at: 'core',
    },
    { peer: 'breaks' },
    ...['Zoë', 'Al'].map((nick): Step => ({
      coreHears: presence(`aurora@{peer}/${nick}`, '{user}/desk', 'unavailable'),
      withinMs: UNTIL_LOST_MS,
    })),
  ),
  lost(
    'MSG-04/partner-lost',
    ['MSG-04', 'ERR-05'],
    'Of what is said to a partner that then cannot be reached everything either has arrived or comes back, once.',
    ...all((n) => says(n, 'before')),
    {
      inOrder: all((n) => ({ name: 'message', attributes: { type: 'chat', id: `{id}-before-${n}` } })),
      at: 'back',
    },
    { peer: 'breaks' },
    // What is under way when a connection breaks is known to nobody; the gateway sees that it is over.
    { silence: 1000, at: 'core', of: { name: 'message', attributes: { type: 'error' } } },
    ...all((n) => says(n, 'after')),
    ...all((n): Step => ({ coreHears: bounced(n), withinMs: UNTIL_LOST_MS })),
    ...all((n): Step => ({ copiesOf: bounced(n), at: 'core', times: 1 })),
    { silence: 500, at: 'core', of: { name: 'message', attributes: { type: 'error', id: '{id}-before-0' } } },
  ),
  {
    ...{ id: 'MSG-04/nowhere', requirements: ['MSG-04', 'ERR-01'], role: 'initiating', phase: 'none' },
    title: 'What is for a partner of whom DNS knows nothing comes back to its sender, once.',
    dns: {},
    steps: [
      says(0, 'after'),
      { coreHears: bounced(0), withinMs: UNTIL_LOST_MS },
      { silence: 2000, at: 'core', of: { name: 'message', attributes: { type: 'chat' } } },
      { copiesOf: bounced(0), at: 'core', times: 1 },
    ],
  },
  ...CORE_LOST,
  {
    ...{ id: 'MSG-04/nobody', requirements: ['MSG-04'], role: 'receiving', phase: 'authenticated' },
    title:
      'Whoever writes to a user that there is not hears what the core says: service-unavailable to questions and messages, nothing to presence that goes.',
    steps: [
      { say: "<iq type='get' from='{contact}/desk' to='nobody@{us}' id='{id}-1'><query xmlns='jabber:iq:last'/></iq>" },
      { comesBack: unavailable('iq', '{id}-1') },
      { say: "<message type='chat' from='{contact}/desk' to='nobody@{us}' id='{id}-2'><body>Hello</body></message>" },
      { comesBack: unavailable('message', '{id}-2') },
      { say: "<presence type='unavailable' from='{contact}/desk' to='nobody@{us}' id='{id}-3'/>" },
      { coreHears: { name: 'presence', attributes: { type: 'unavailable', id: '{id}-3' } } },
      { silence: 1000, at: 'back', of: { name: 'presence' } },
      { copiesOf: { name: 'message', attributes: { type: 'error' } }, at: 'back', times: 1 },
    ],
  },
]

function unavailable(name: string, id: string): Pattern {
  return {
    ...{ name, attributes: { type: 'error', id, from: 'nobody@{us}', to: '{contact}/desk' } },
    has: [
      {
        ...{ name: 'error', attributes: { type: 'cancel' } },
        has: [{ name: 'service-unavailable', ns: STANZA_ERRORS }],
      },
    ],
  }
}
