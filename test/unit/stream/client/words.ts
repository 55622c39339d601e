// XML as a client or the core writes it, read as it would be off the wire.

import assert from 'node:assert/strict'
import { AFTER_AUTHENTICATION } from '../../../../src/xml/limits.ts'
import type { Frame, StreamHeader } from '../../../../src/xml/frame.ts'
import { Scanner } from '../../../../src/xml/scanner.ts'

export const CLIENT_HEADER = (attributes = "to='corp.example'"): string =>
  `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' ${attributes}>`

/** One element within a client's stream. */
export function element(xml: string): Frame {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  scanner.push(Buffer.from(CLIENT_HEADER() + xml))
  scanner.next()
  const event = scanner.next()
  assert.equal(event?.kind, 'frame', `${xml}: ${JSON.stringify(event)}`)
  assert.ok(event?.kind === 'frame')
  return event.frame
}

export function headerOf(attributes?: string): StreamHeader {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  scanner.push(Buffer.from(CLIENT_HEADER(attributes)))
  const event = scanner.next()
  assert.ok(event?.kind === 'header')
  return event.header
}

export const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
export const SASL2 = "xmlns='urn:xmpp:sasl:2'"
export const SM = "xmlns='urn:xmpp:sm:3'"
export const base64 = (text: string): string => Buffer.from(text).toString('base64')
