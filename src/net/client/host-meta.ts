// What a client reads to find XMPP over WebSocket: host metadata (RFC 6415) as XRD and as JSON. XEP-0156 §3. Pure.

import { escapeAttribute } from '../../xml/write.ts'

/** The relation of a link to XMPP over WebSocket. */
export const WEBSOCKET_RELATION = 'urn:xmpp:alt-connections:websocket'

export interface Document {
  readonly type: string
  readonly body: string
}

/** Path → the document, given where the WebSocket is (`wss://…`). */
export const HOST_META: ReadonlyMap<string, (url: string) => Document> = new Map([
  [
    '/.well-known/host-meta',
    (url) => ({
      type: 'application/xrd+xml; charset=utf-8',
      body:
        `<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n` +
        `  <Link rel='${WEBSOCKET_RELATION}' href='${escapeAttribute(url)}'/>\n</XRD>\n`,
    }),
  ],
  [
    '/.well-known/host-meta.json',
    (url) => ({
      type: 'application/json',
      body: `${JSON.stringify({ links: [{ rel: WEBSOCKET_RELATION, href: url }] }, undefined, 2)}\n`,
    }),
  ],
])
