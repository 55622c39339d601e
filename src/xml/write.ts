// Writing XML: escaping and the stream header. Everything we say on a stream goes through here or `element.ts`.
//
// Rule 1: whatever the string, what comes out is well-formed: characters XML forbids become U+FFFD.
// Rule 2: white space that a reader would normalise is written as a reference (XML 1.0 §2.11, §3.3.3).

import { NS } from '../xmpp/namespaces.ts'
import { isXmlCharacter } from './references.ts'

const REPLACEMENT = '\ufffd'

/** Text fit to stand between tags. */
export function escapeText(text: string): string {
  return escape(text, false)
}

/** Text fit to stand in an attribute value, in quotes of either kind. */
export function escapeAttribute(text: string): string {
  return escape(text, true)
}

/** What a stream header says. Domains as they go over the wire (RFC 7622 §3.2). */
export interface HeaderFields {
  readonly to?: string | undefined
  readonly from?: string | undefined
  /** Only the receiving entity gives one. RFC 6120 §4.7.3. */
  readonly id?: string | undefined
  readonly lang?: string | undefined
  readonly version?: '1.0'
  /** The content namespace. RFC 6120 §4.8.2. */
  readonly namespace?: string
  /** Declares the prefix `db`, which says that dialback is understood. XEP-0220 §2.1. */
  readonly dialback?: boolean
}

/** The XML declaration and the header that opens a stream. RFC 6120 §4.7, §11.5. */
export function streamHeader(fields: HeaderFields): string {
  const { to, from, id, lang, version = '1.0', namespace = NS.server, dialback = false } = fields
  let header = `<?xml version='1.0'?><stream:stream xmlns='${namespace}' xmlns:stream='${NS.streams}'`
  if (dialback) header += ` xmlns:db='${NS.dialback}'`
  header += attribute('from', from) + attribute('to', to) + attribute('id', id)
  return `${header} version='${version}'${attribute('xml:lang', lang)}>`
}

/** The header that opens a stream as a component; it has no version. XEP-0114 §3 */
export function componentHeader(to: string, lang: string): string {
  return (
    `<?xml version='1.0'?><stream:stream xmlns='${NS.component}' xmlns:stream='${NS.streams}'` +
    `${attribute('to', to)}${attribute('xml:lang', lang)}>`
  )
}

/** What closes a stream. RFC 6120 §4.4. */
export const STREAM_FOOTER = '</stream:stream>'

/** ` name='value'`, or nothing when there is no value. */
export function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}='${escapeAttribute(value)}'`
}

function escape(text: string, inAttribute: boolean): string {
  let written = ''
  let done = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Letters, digits and most of ASCII, quickly.
    if (code > 0x3e && code < 0xd800) continue
    const substitute = substituteFor(text, at, code, inAttribute)
    if (substitute === undefined) continue
    written += text.slice(done, at) + substitute
    done = at + 1
  }
  return done === 0 ? text : written + text.slice(done)
}

function substituteFor(text: string, at: number, code: number, inAttribute: boolean): string | undefined {
  switch (code) {
    case 0x26:
      return '&amp;'
    case 0x3c:
      return '&lt;'
    case 0x3e:
      return '&gt;'
    case 0x22:
      return inAttribute ? '&quot;' : undefined
    case 0x27:
      return inAttribute ? '&apos;' : undefined
    case 0x0d:
      return '&#13;'
    case 0x0a:
      return inAttribute ? '&#10;' : undefined
    case 0x09:
      return inAttribute ? '&#9;' : undefined
    default:
  }
  if (code >= 0xd800 && code <= 0xdbff) return isLow(text.charCodeAt(at + 1)) ? undefined : REPLACEMENT
  if (isLow(code)) return isHigh(text.charCodeAt(at - 1)) ? undefined : REPLACEMENT
  return isXmlCharacter(code) ? undefined : REPLACEMENT
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
