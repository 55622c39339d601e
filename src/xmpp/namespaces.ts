// The XML namespaces that cross the wall or are spoken at it, each under the name its specification uses.

export const NS = {
  streams: 'http://etherx.jabber.org/streams', // RFC 6120 §4.8.1
  server: 'jabber:server', // RFC 6120 §4.8.3
  client: 'jabber:client', // RFC 6120 §4.8.3
  component: 'jabber:component:accept', // XEP-0114
  dialback: 'jabber:server:dialback', // XEP-0220
  dialbackFeature: 'urn:xmpp:features:dialback', // XEP-0220 §2.4.2
  tls: 'urn:ietf:params:xml:ns:xmpp-tls', // RFC 6120 §5
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl', // RFC 6120 §6
  streamConditions: 'urn:ietf:params:xml:ns:xmpp-streams', // RFC 6120 §4.9
  stanzaConditions: 'urn:ietf:params:xml:ns:xmpp-stanzas', // RFC 6120 §8.3
  framing: 'urn:ietf:params:xml:ns:xmpp-framing', // RFC 7395 §3.3.2
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
  ping: 'urn:xmpp:ping', // XEP-0199
  bidi: 'urn:xmpp:bidi', // XEP-0288 §2.2
  bidiFeature: 'urn:xmpp:features:bidi', // XEP-0288 §2.1
  sm: 'urn:xmpp:sm:3', // XEP-0198
  bind: 'urn:ietf:params:xml:ns:xmpp-bind', // RFC 6120 §7
  sasl2: 'urn:xmpp:sasl:2', // XEP-0388
  bind2: 'urn:xmpp:bind:0', // XEP-0386
  fast: 'urn:xmpp:fast:0', // XEP-0484
  compress: 'http://jabber.org/features/compress', // XEP-0138
  channelBinding: 'urn:xmpp:sasl-cb:0', // XEP-0440
  caps: 'http://jabber.org/protocol/caps', // XEP-0115
  muc: 'http://jabber.org/protocol/muc', // XEP-0045
  mucUser: 'http://jabber.org/protocol/muc#user', // XEP-0045
  mucAdmin: 'http://jabber.org/protocol/muc#admin', // XEP-0045
  mucOwner: 'http://jabber.org/protocol/muc#owner', // XEP-0045
  conference: 'jabber:x:conference', // XEP-0249
  event: 'jabber:x:event', // XEP-0022
  delay: 'urn:xmpp:delay', // XEP-0203
  securityLabel: 'urn:xmpp:sec-label:0', // XEP-0258
  discoInfo: 'http://jabber.org/protocol/disco#info', // XEP-0030
  discoItems: 'http://jabber.org/protocol/disco#items', // XEP-0030
  pubsub: 'http://jabber.org/protocol/pubsub', // XEP-0060
  pubsubOwner: 'http://jabber.org/protocol/pubsub#owner', // XEP-0060
  pubsubEvent: 'http://jabber.org/protocol/pubsub#event', // XEP-0060
} as const
