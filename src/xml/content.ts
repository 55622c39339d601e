// Namespaces that mean "what this stream carries": one stands for another when a stanza changes streams. RFC 6120 §4.8.2,
// XEP-0114 §3.

import { NS } from '../xmpp/namespaces.ts'

export const CONTENT: ReadonlySet<string> = new Set([NS.client, NS.server, NS.component])
