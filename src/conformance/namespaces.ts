// The namespaces that cases speak of. They stand here a second time on purpose: were one of the gateway's own misspelt, its
// own table would not tell.

export const NAMESPACES = {
  STREAMS: 'http://etherx.jabber.org/streams',
  SERVER: 'jabber:server',
  TLS: 'urn:ietf:params:xml:ns:xmpp-tls',
  SASL: 'urn:ietf:params:xml:ns:xmpp-sasl',
  STANZA_ERRORS: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  DISCO_INFO: 'http://jabber.org/protocol/disco#info',
  DISCO_ITEMS: 'http://jabber.org/protocol/disco#items',
  STREAM_ERRORS: 'urn:ietf:params:xml:ns:xmpp-streams',
} as const
