// Streams (STR): how they are opened, negotiated, kept and closed, and what becomes of those who do it wrong. RFC 6120 §4

import type { TestCase } from '../case.ts'
import { CHAT, endedBy, MECHANISMS, openedWith, OPENING, STARTTLS_REQUIRED, USUAL } from './making.ts'

export const STREAMS: readonly TestCase[] = [
  endedBy(
    'STR-01/other-root-namespace',
    ['STR-01'],
    'A root element outside the namespace of streams is answered with invalid-namespace.',
    'connected',
    openedWith("xmlns='jabber:server' xmlns:stream='urn:example:streams' from='{peer}' to='{us}' version='1.0'"),
    'invalid-namespace',
  ),
  endedBy(
    'STR-02/client-namespace',
    ['STR-02', 'SCP-03'],
    'A stream of clients is not taken where servers connect.',
    'connected',
    openedWith(
      "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='1.0'",
    ),
    'invalid-namespace',
  ),
  {
    id: 'STR-03/initial-header',
    requirements: ['STR-03'],
    title: 'The header by which a stream is opened names both domains, the version and a language, and no id.',
    role: 'initiating',
    phase: 'connected',
    steps: [{ opened: { from: '{us}', to: '{peer}', version: '1.0', 'xml:lang': true, id: false } }],
  },
  {
    id: 'STR-04/response-header',
    requirements: ['STR-04', 'STR-06', 'TLS-01', 'TLS-03', 'STR-07'],
    title: 'The answer swaps the domains and carries an id and a version; STARTTLS alone is offered, as required.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      { say: OPENING },
      {
        hear: {
          kind: 'header',
          attributes: { from: '{us}', to: '{peer}', id: true, version: '1.0', 'xml:lang': true },
        },
      },
      {
        hear: {
          kind: 'features',
          with: [STARTTLS_REQUIRED],
          without: [MECHANISMS, { name: 'dialback' }, { name: 'compression' }],
        },
      },
    ],
  },
  {
    id: 'STR-05/later-version',
    requirements: ['STR-05', 'SCP-02'],
    title: 'A peer that speaks a later version is answered with the version spoken here, the lower of the two.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      {
        say: openedWith(
          "xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='2.0'",
        ),
      },
      { hear: { kind: 'header', attributes: { version: '1.0' } } },
      { hear: { kind: 'features', with: [STARTTLS_REQUIRED] } },
    ],
  },
  endedBy(
    'STR-05/no-version',
    ['STR-05'],
    'A peer that speaks no version can have no TLS, and its stream is ended.',
    'connected',
    openedWith("xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}'"),
    ['unsupported-version', 'policy-violation'],
  ),
  {
    id: 'STR-08/restart',
    requirements: ['STR-08', 'TLS-08', 'SAS-05', 'STR-06'],
    title: 'After TLS the stream begins anew, and STARTTLS is offered no more.',
    role: 'receiving',
    phase: 'secured',
    steps: [
      { say: OPENING },
      { hear: { kind: 'header', attributes: { from: '{us}', to: '{peer}', id: true } } },
      { hear: { kind: 'features', with: [MECHANISMS], without: [{ name: 'starttls' }] } },
    ],
  },
  {
    id: 'STR-10/one-way',
    requirements: ['STR-10'],
    title: 'What the core answers goes by a stream of our own, never by the one that the peer has opened.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      { say: "<message type='chat' from='{contact}/desk' to='nobody@{us}' id='{id}'><body>Anybody?</body></message>" },
      { comesBack: { name: 'message', attributes: { type: 'error', id: '{id}' } } },
      { silence: 500, at: 'peer', of: { name: 'message' } },
    ],
  },
  {
    id: 'STR-12/close',
    requirements: ['STR-12', 'ADM-08'],
    title: 'Whoever closes a stream is answered in kind, and the connection is closed.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [{ close: 'stream' }, { hear: { kind: 'end' } }, { hear: { kind: 'closed' } }],
  },
  endedBy(
    'STR-14/unknown-host',
    ['STR-14'],
    'A domain that is not served is answered with host-unknown, after a header.',
    'connected',
    openedWith(`${USUAL} from='{peer}' to='nobody.example'`),
    'host-unknown',
  ),
  {
    id: 'STR-16/stanza-before-tls',
    requirements: ['STR-16', 'TLS-02'],
    title: 'A stanza before TLS ends the stream, and is not taken.',
    role: 'receiving',
    phase: 'opened',
    steps: [
      { say: CHAT },
      { hear: { kind: 'stream-error', condition: 'not-authorized' } },
      { silence: 300, at: 'core', of: { name: 'message' } },
    ],
  },
  {
    id: 'STR-16/stanza-before-sasl',
    requirements: ['STR-16'],
    title: 'A stanza after TLS and before a name is proven ends the stream, and is not taken.',
    role: 'receiving',
    phase: 'offered',
    steps: [
      { say: CHAT },
      { hear: { kind: 'stream-error', condition: 'not-authorized' } },
      { silence: 300, at: 'core', of: { name: 'message' } },
    ],
  },
  endedBy(
    'STR-17/other-domain',
    ['STR-17'],
    'A stanza from a domain that the peer has not proven ends the stream with invalid-from.',
    'authenticated',
    "<message type='chat' from='bob@somebody-else.example' to='{user}' id='{id}'><body>It is me</body></message>",
    'invalid-from',
  ),
  endedBy(
    'STR-17/our-own-domain',
    ['STR-17'],
    'A stanza from our own domain, arriving from outside, ends the stream with invalid-from.',
    'authenticated',
    "<message type='chat' from='{user}' to='{user}' id='{id}'><body>It is you</body></message>",
    'invalid-from',
  ),
  endedBy(
    'STR-17/no-addresses',
    ['STR-17'],
    'A stanza without an address to go to ends the stream with improper-addressing.',
    'authenticated',
    "<message type='chat' from='{contact}/desk' id='{id}'><body>To whom?</body></message>",
    'improper-addressing',
  ),
  endedBy(
    'STR-18/not-well-formed',
    ['STR-18'],
    'XML that is not well-formed ends the stream.',
    'authenticated',
    '<message><body></message></body>',
    'not-well-formed',
  ),
  ...(
    [
      ['comment', '<!-- said to nobody -->'],
      ['instruction', '<?php echo 1 ?>'],
      ['entity', "<message from='{contact}' to='{user}'><body>&corp;</body></message>"],
    ] as const
  ).map(([what, say]) =>
    endedBy(
      `STR-18/${what}`,
      ['STR-18'],
      `What XMPP forbids of XML (${what}) ends the stream with restricted-xml.`,
      'authenticated',
      say,
      what === 'entity' ? ['restricted-xml', 'not-well-formed'] : 'restricted-xml',
    ),
  ),
  endedBy(
    'STR-18/doctype',
    ['STR-18'],
    'A document type, and with it every entity, is refused before anything is expanded.',
    'connected',
    "<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>",
    ['restricted-xml', 'not-well-formed'],
  ),
  {
    id: 'STR-19/utf-16',
    requirements: ['STR-19'],
    title: 'Another encoding than UTF-8 ends the stream with unsupported-encoding.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      { octets: 'fffe3c003f0078006d006c00' },
      { hear: { kind: 'stream-error', condition: ['unsupported-encoding', 'not-well-formed'] } },
    ],
  },
  {
    id: 'STR-19/overlong',
    requirements: ['STR-19'],
    title: 'An octet sequence that is no UTF-8 ends the stream.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      { octets: Buffer.from('<message><body>').toString('hex') + 'c0af' },
      { hear: { kind: 'stream-error', condition: ['unsupported-encoding', 'not-well-formed'] } },
    ],
  },
  endedBy(
    'STR-20/unknown-element',
    ['STR-20'],
    'A first-level element that is no stanza ends the stream with unsupported-stanza-type.',
    'authenticated',
    "<greeting xmlns='jabber:server'/>",
    'unsupported-stanza-type',
  ),
  {
    id: 'STR-21/prefixes',
    requirements: ['STR-21', 'STR-22'],
    title:
      'Prefixes other than the usual are taken, and a namespace declared on the root reaches the core with the stanza.',
    role: 'receiving',
    phase: 'secured',
    steps: [
      {
        say: "<?xml version='1.0'?><s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='1.0'>",
      },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [MECHANISMS] } },
    ],
  },
]
