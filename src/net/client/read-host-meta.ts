// Host metadata of a domain as a client reads it (XEP-0156 §3): over HTTPS, proven by one of the given CAs, for whoever
// wants to know what ours look like from outside.
//
// Rule: bounded in time, octets and redirections, and these lead to https:// only.

import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { quote } from '../../stream/quote.ts'
import { parseElement } from '../../xml/element.ts'
import { parseFragment } from '../../xml/fragment.ts'
import type { AddressResolution } from '../resolve.ts'
import { WEBSOCKET_RELATION } from './host-meta.ts'

export interface HostMetaQuestion {
  /** `https://corp.example` */
  readonly origin: string
  /** `/.well-known/host-meta`, or the same with `.json`. */
  readonly path: string
  /** PEM. */
  readonly anchors: readonly string[]
  readonly timeoutMs: number
  addresses(host: string): Promise<AddressResolution>
}

/** Where it says that the WebSocket is; `anyPage`: may pages from elsewhere read that? */
export type HostMeta =
  | { readonly ok: true; readonly urls: readonly string[]; readonly anyPage: boolean }
  | { readonly ok: false; readonly detail: string }

const MOST_REDIRECTIONS = 3
const MOST_BYTES = 65_536
const REDIRECTING: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Never rejects. */
export async function readHostMeta(o: HostMetaQuestion): Promise<HostMeta> {
  const signal = AbortSignal.timeout(o.timeoutMs)
  try {
    return await follow(o, signal)
  } catch (error) {
    if (signal.aborted) return failure(`nothing whole within ${o.timeoutMs / 1000} s`)
    return failure(error instanceof Error ? error.message : String(error))
  }
}

async function follow(o: HostMetaQuestion, signal: AbortSignal): Promise<HostMeta> {
  let url = new URL(o.path, o.origin)
  for (let hops = 0; hops <= MOST_REDIRECTIONS; hops++) {
    const answer = await ask(url, o, signal)
    try {
      const { statusCode = 0, headers } = answer
      if (REDIRECTING.has(statusCode) && headers.location !== undefined) {
        const next = URL.parse(headers.location, url)
        if (next?.protocol !== 'https:')
          return failure(`it leads on to ${quote(headers.location)}, which is not https:`)
        url = next
        continue
      }
      if (statusCode !== 200) return failure(`HTTP status ${statusCode}`)
      const urls = linksOf(await bodyOf(answer), o.path.endsWith('.json'))
      if (typeof urls === 'string') return failure(urls)
      return { ok: true, urls, anyPage: headers['access-control-allow-origin'] === '*' }
    } finally {
      answer.destroy()
    }
  }
  return failure(`more than ${MOST_REDIRECTIONS} redirections`)
}

const failure = (detail: string): HostMeta => ({ ok: false, detail })

async function ask(url: URL, o: HostMetaQuestion, signal: AbortSignal): Promise<IncomingMessage> {
  const found = await o.addresses(url.hostname)
  if (!found.ok) throw new Error(found.detail)
  const addresses = found.addresses.map((address) => ({ address, family: isIP(address) }))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // All of them, of which Node takes the first that answers.
  const lookup: LookupFunction = (_, __, tell) => tell(null, addresses)
  // Said, since NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would else decide.
  request(url, { ca: [...o.anchors], rejectUnauthorized: true, agent: false, lookup, signal })
    .once('response', resolve)
    .on('error', reject)
    .end()
  return promise
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} octets`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

/** Links to a WebSocket, or what is wrong with the document. */
function linksOf(body: string, json: boolean): readonly string[] | string {
  return json ? linksOfJson(body) : linksOfXrd(body)
}

function linksOfJson(body: string): readonly string[] | string {
  let read: unknown
  try {
    read = JSON.parse(body)
  } catch {
    return 'it is no JSON'
  }
  const links = typeof read === 'object' && read !== null && 'links' in read ? read.links : undefined
  if (!Array.isArray(links)) return 'it has no links'
  return links.flatMap((link: unknown) => {
    if (typeof link !== 'object' || link === null || !('rel' in link) || !('href' in link)) return []
    return link.rel === WEBSOCKET_RELATION && typeof link.href === 'string' ? [link.href] : []
  })
}

function linksOfXrd(body: string): readonly string[] | string {
  // What stands outside of the element, or says nothing, is no business of the scanner.
  const read = parseFragment(body.replace(/^\s*<\?xml[^>]*\?>/, '').replaceAll(/<!--.*?-->/gs, ''))
  if (!read.ok) return `it is no XRD: ${read.detail}`
  const root = parseElement(read.frame)
  if (root.getName() !== 'XRD') return `it is no XRD but ${quote(root.getName())}`
  return root.getChildren('Link').flatMap((link) => {
    const href: unknown = link.attrs['href']
    return link.attrs['rel'] === WEBSOCKET_RELATION && typeof href === 'string' ? [href] : []
  })
}
