// Where the clients of remote users connect, and in which ways: how a listener is written, what of it goes together, and what
// it comes to. Pure.

import type * as z from 'zod'
import { findingAt } from './check.ts'
import { list, neverEmpty, oneOf, port, section, written } from './fields.ts'
import type { Finding } from './finding.ts'
import type { GatewayDraft } from './readings.ts'
import { IP, NETWORK, type Written } from './values.ts'
import type { YamlFile } from './yaml.ts'

const WELL_KNOWN = '/.well-known/'

/** The path of a WebSocket: what stands in a request, byte for byte. */
const WEB_PATH: Written<string> = {
  how: 'write a path, such as /xmpp-websocket',
  read: (text) => (/^\/[\w.~/-]{1,200}$/.test(text) && !text.startsWith(WELL_KNOWN) ? text : undefined),
}

/** RFC 6454 §6.2: what browsers say of a page, byte for byte. */
const ORIGIN: Written<string> = {
  how: 'write where a page comes from, without a path, such as https://chat.example',
  read(text) {
    const url = URL.parse(text)
    if (url?.protocol === 'http:' || url?.host === '' || url?.host === undefined) return undefined
    return text === `${url.protocol}//${url.host}` ? text : undefined
  },
  hint(text) {
    const url = URL.parse(text)
    if (url?.protocol === 'http:') return 'write https: whoever is in between can change a page that comes in plaintext'
    return url?.protocol === 'https:' ? `write ${url.origin}` : undefined
  },
}

const WEB_URL: Written<string> = {
  how: 'write where clients find the WebSocket, such as wss://chat.example/xmpp-websocket',
  read(text) {
    const url = URL.parse(text)
    return url?.protocol === 'wss:' && url.username === '' && url.hash === '' ? url.href : undefined
  },
}

export const RemoteListener = section(
  {
    host: written(IP)
      .optional()
      .describe('Address to listen on; all addresses of this machine where it is left out.')
      .meta(neverEmpty('write the address, or take it out')),
    port: port().describe('Port.'),
    tls: oneOf(['starttls', 'direct', 'any'])
      .optional()
      .describe(
        'How TLS begins for streams over TCP: starttls, direct (from the first byte, XEP-0368), or any of them, as the client begins. Left out: starttls, or, where there is a websocket, nothing but that.',
      ),
    websocket: written(WEB_PATH)
      .optional()
      .describe(
        'Path of XMPP over WebSocket (RFC 7395). The port then speaks HTTPS too, host-meta of XEP-0156 included, beside what tls says; with tls the way is found by ALPN, else by the first byte.',
      ),
    origins: list(written(ORIGIN), '[https://chat.example]')
      .optional()
      .describe(
        'Whose web pages may connect over WebSocket, byte for byte as browsers name them; where it is left out those at https:// of our domains themselves. Clients that are no pages name none, and may.',
      )
      .meta(neverEmpty('write the origins, or take it out')),
    url: written(WEB_URL)
      .optional()
      .describe(
        'What host-meta calls the WebSocket, where that is not wss://, the domain asked for, the port, the path.',
      ),
    proxyProtocol: list(written(NETWORK), '[10.0.0.9, 10.0.1.0/24]')
      .prefault([])
      .describe(
        'Balancers in front: from these addresses a PROXY protocol header (version 1 or 2) is required, and the address in it counts. They pass TLS on as it comes; one that ends it cannot be in front.',
      ),
  },
  'write { port: 5222 }, { port: 5223, tls: direct } or { port: 443, websocket: /xmpp-websocket }',
)

/** Keys of listeners that do not go together. */
export function remoteListeners(yaml: YamlFile, { remote = [] }: GatewayDraft): readonly Finding[] {
  return remote.flatMap(({ tls, websocket, origins, url }, index) => {
    const at = (key: string, message: string): Finding => findingAt(yaml, ['listen', 'remote', index, key], message)
    if (websocket === undefined) {
      const idle = 'says nothing without websocket: beside it; add that, or remove this'
      return [...(origins ? [at('origins', idle)] : []), ...(url === undefined ? [] : [at('url', idle)])]
    }
    const how =
      'a port that speaks HTTPS tells ways apart only with tls: any or direct; write one of them, or leave it out'
    return tls === 'starttls' ? [at('tls', how)] : []
  })
}

export interface RemoteAddress {
  /** An IP address without brackets; undefined: all addresses. */
  readonly host: string | undefined
  readonly port: number
  /** How TLS begins for streams over TCP; none: there are none of them here. */
  readonly tls: 'starttls' | 'direct' | 'any' | 'none'
  readonly web: RemoteWeb | undefined
  /** CIDR, for `networkSet`. */
  readonly proxyProtocol: readonly string[]
}

export interface RemoteWeb {
  readonly path: string
  /** Undefined: those of our domains. */
  readonly origins: readonly string[] | undefined
  /** For host-meta; undefined: made of the domain, the port and the path. */
  readonly url: string | undefined
}

export function toRemoteAddress(read: z.output<typeof RemoteListener>): RemoteAddress {
  const { host, port: at, tls, websocket: path, origins, url, proxyProtocol } = read
  const web = path === undefined ? undefined : { path, origins, url }
  return { host, port: at, tls: tls ?? (web ? 'none' : 'starttls'), web, proxyProtocol }
}
