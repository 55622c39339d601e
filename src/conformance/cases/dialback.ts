// The proof of a name by dialback (SAS-09 to SAS-14), where a profile and the entry of the partner permit it: in TLS alone,
// asked of the server that answers for the domain, each pair of domains by itself. XEP-0220, XEP-0185

import type { Pattern, Step, TestCase } from '../case.ts'
import { ANSWERING, CHAT, EXTERNAL, OPENING } from './making.ts'

/** Our key, as a peer that gives `id='answer'` to the stream hears it. */
const KEY: Pattern = {
  name: 'result',
  ns: 'jabber:server:dialback',
  attributes: { from: '{us}', to: '{peer}', type: false },
}
const OFFERED: Pattern = { name: 'dialback', ns: 'urn:xmpp:features:dialback', has: [{ name: 'errors' }] }
const OPENED = OPENING.replace(' from=', " xmlns:db='jabber:server:dialback' from=")
const ANSWERED = `${ANSWERING.replace(' from=', " xmlns:db='jabber:server:dialback' from=")}<stream:features><dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>`

const claim = (from = '{peer}'): Step => ({ say: `<db:result from='${from}' to='{us}'>a-key-of-ours</db:result>` })
const told = (type: string, to = '{peer}', has?: readonly Pattern[]): Step => ({
  hear: {
    kind: 'element',
    like: { name: 'result', ns: 'jabber:server:dialback', attributes: { from: '{us}', to, type }, ...(has && { has }) },
  },
  withinMs: 20_000,
})
const arrives: Step = { coreHears: { name: 'message', attributes: { id: '{id}' } } }

/** A certificate that proves nothing, and an entry that lets dialback count all the same. */
const PERMITTED = {
  profiles: ['standard', 'nato'],
  certificate: 'self-signed',
  entry: { authentication: 'dialback-over-tls', alsoKnownAs: ['second.{peer}'] },
} as const

const received = (one: Pick<TestCase, 'id' | 'requirements' | 'title' | 'steps'> & Partial<TestCase>): TestCase => ({
  ...{ role: 'receiving', phase: 'secured', ...PERMITTED },
  ...one,
  steps: [
    { say: OPENED },
    { hear: { kind: 'header' } },
    { hear: { kind: 'features', with: [OFFERED], without: [EXTERNAL] } },
    ...one.steps,
  ],
})

const asksAbout = (id: string, key: string): Step => ({
  say: `<db:verify from='{peer}' to='{us}' id='${id}'>${key}</db:verify>`,
})
const answered = (type: string): Step => ({
  hear: {
    kind: 'element',
    like: { name: 'verify', ns: 'jabber:server:dialback', attributes: { from: '{us}', to: '{peer}', type } },
  },
})

export const DIALBACK: readonly TestCase[] = [
  received({
    id: 'SAS-09/receiving',
    requirements: ['SAS-09', 'SAS-12'],
    title:
      'A peer whose certificate proves nothing proves its name by dialback over TLS, where its entry permits that.',
    answersFor: 'valid',
    steps: [claim(), told('valid'), { say: CHAT }, arrives],
  }),
  received({
    id: 'SAS-09/other-prefix',
    requirements: ['SAS-09', 'STR-21'],
    title: 'Whatever prefix the namespace of dialback has, a claim is one.',
    answersFor: 'valid',
    steps: [
      { say: "<foo:result xmlns:foo='jabber:server:dialback' from='{peer}' to='{us}'>a-key-of-ours</foo:result>" },
      told('valid'),
      { say: CHAT },
      arrives,
    ],
  }),
  received({
    id: 'SAS-09/false-key',
    requirements: ['SAS-09', 'SAS-15'],
    title: 'Where the server that answers for the domain does not know the key, nothing is proven.',
    answersFor: 'invalid',
    steps: [
      claim(),
      told('error'),
      { say: CHAT },
      { hear: { kind: 'stream-error', condition: ['not-authorized', 'invalid-from'] } },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  }),
  received({
    id: 'AUD-12/false-key',
    requirements: ['AUD-12'],
    title: 'That a key was shown which the server of the domain does not know is logged: when, from where, of whom.',
    answersFor: 'invalid',
    steps: [
      claim(),
      told('error'),
      {
        logs: {
          ...{ event: 'dialback.refused', local: '{us}', remote: '{peer}' },
          ...{ time: true, ip: true, stream: true, reason: true, reference: true, detail: true },
        },
      },
    ],
  }),
  received({
    id: 'SAS-12/error',
    requirements: ['SAS-12'],
    title: 'A claim that fails is answered by an error with its reason, and the stream goes on.',
    answersFor: 'invalid',
    steps: [
      claim(),
      told('error', '{peer}', [{ name: 'error', has: [{ name: 'not-authorized' }] }]),
      { silence: 1500, at: 'peer' },
    ],
  }),
  received({
    id: 'SAS-12/no-server',
    requirements: ['SAS-12'],
    title: 'Where nobody answers for the domain, the claim is answered by an error, and the stream goes on.',
    dns: { 'SRV _xmpp-server._tcp.{peer}': [{ priority: 0, weight: 0, place: 'dead' }] },
    steps: [claim(), told('error'), { silence: 1500, at: 'peer' }],
  }),
  received({
    id: 'STR-16/dialback-pending',
    requirements: ['STR-16', 'SAS-09'],
    title: 'A stanza while a claim is still asked about ends the stream, and is not taken.',
    dns: { 'SRV _xmpp-server._tcp.{peer}': [{ priority: 0, weight: 0, place: 'silent' }] },
    steps: [
      claim(),
      { say: CHAT },
      { hear: { kind: 'stream-error', condition: 'not-authorized' } },
      { silence: 300, at: 'core', of: { name: 'message' } },
    ],
  }),
  received({
    id: 'SAS-14/another',
    requirements: ['SAS-14'],
    title: 'A further domain on the same stream is proven by itself.',
    answersFor: 'valid',
    steps: [
      claim(),
      told('valid'),
      claim('second.{peer}'),
      told('valid', 'second.{peer}'),
      { say: CHAT.replace('{contact}', 'bob@second.{peer}') },
      arrives,
    ],
  }),
  received({
    id: 'SAS-14/not-yet',
    requirements: ['SAS-14', 'SAS-15'],
    title: 'That one domain was proven on a stream proves no other: what comes from it ends the stream.',
    answersFor: 'valid',
    steps: [
      claim(),
      told('valid'),
      { say: CHAT.replace('{contact}', 'bob@second.{peer}') },
      { hear: { kind: 'stream-error', condition: 'invalid-from' } },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  }),
  {
    ...PERMITTED,
    id: 'SAS-09/initiating',
    requirements: ['SAS-09'],
    title:
      'To a partner that offers dialback alone, the gateway proves its name by a key, and says nothing else before.',
    role: 'initiating',
    phase: 'secured',
    steps: [
      { say: ANSWERED },
      { hear: { kind: 'element', like: KEY } },
      { silence: 500, at: 'peer' },
      { say: "<db:result type='valid' from='{peer}' to='{us}'/>" },
      { hear: { kind: 'element', like: { name: 'message', attributes: { id: '{id}-waking' } } } },
    ],
  },
  {
    ...PERMITTED,
    id: 'SAS-12/refused',
    requirements: ['SAS-12', 'ERR-05'],
    title: 'Where a partner does not accept the key, what was meant for it comes back.',
    role: 'initiating',
    phase: 'secured',
    steps: [
      { say: ANSWERED },
      { hear: { kind: 'element', like: KEY } },
      { say: "<db:result type='invalid' from='{peer}' to='{us}'/>" },
      {
        coreHears: { name: 'message', attributes: { type: 'error', id: '{id}-waking' }, has: [{ name: 'error' }] },
        withinMs: 20_000,
      },
    ],
  },
  {
    ...PERMITTED,
    id: 'SAS-09/authoritative',
    requirements: ['SAS-09', 'SAS-11'],
    title: 'Asked about its own key the gateway vouches for it, for the stream that it was made for alone.',
    role: 'initiating',
    phase: 'secured',
    steps: [
      { say: ANSWERED },
      { hear: { kind: 'element', like: KEY } },
      { keeps: 'key' },
      { another: true },
      asksAbout('answer', '{key}'),
      answered('valid'),
      asksAbout('another-stream', '{key}'),
      answered('invalid'),
      asksAbout('answer', '0{key}'),
      answered('invalid'),
    ],
  },
  {
    id: 'SAS-10/not-permitted',
    requirements: ['SAS-10'],
    title: 'Where its entry asks for a certificate, dialback does not prove the name of a peer.',
    role: 'receiving',
    phase: 'secured',
    certificate: 'self-signed',
    profiles: ['standard', 'nato'],
    answersFor: 'valid',
    steps: [
      { say: OPENED },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', without: [EXTERNAL] } },
      claim(),
      told('error'),
      { say: CHAT },
      { hear: { kind: 'closed' } },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  },
  {
    id: 'SAS-10/not-offered',
    requirements: ['SAS-10'],
    title:
      'Where the profile permits no dialback it is not offered in TLS, and a claim to a name that the certificate does not prove is refused.',
    role: 'receiving',
    phase: 'secured',
    profiles: ['dod'],
    entry: { alsoKnownAs: ['second.{peer}'] },
    answersFor: 'valid',
    steps: [
      { say: OPENED },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [EXTERNAL], without: [{ name: 'dialback' }] } },
      claim('second.{peer}'),
      told('error', 'second.{peer}'),
      { say: CHAT.replace('{contact}', 'bob@second.{peer}') },
      { hear: { kind: 'closed' } },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  },
]
