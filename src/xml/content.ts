// Namespaces that mean "what this stream carries": one stands for another when a stanza changes streams. RFC 6120 §4.8.2,
// XEP-0114 §3.

import { NS } from '../xmpp/namespaces.ts'

const CONTENT: ReadonlySet<string> = new Set([NS.client, NS.server, NS.component])

/** Is it one of them? Asked of every declaration. */
export function isContent(namespace: string): boolean {
  // None is longer.
  return namespace.length <= NS.component.length && CONTENT.has(namespace)
}
