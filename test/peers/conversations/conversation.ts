// A conversation is something two users, or a user and a server, do together across the wall. It knows neither which
// servers stand on the two sides nor what is between them, so that every topology runs the same list.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Client, Element } from '../../support/client.ts'
import { REFERENCE } from '../../support/gateway.ts'
import type { Cleanup } from '../../support/program.ts'
import type { ServerKind } from '../../support/server.ts'

/** One side of the wall. */
export interface Side {
  readonly domain: string
  /** The domain of its room service. */
  readonly conference: string
  /** Only for what a server is known to do its own way: each use is a COMPAT. */
  readonly server: ServerKind
  /** Logs a user in; gone when the conversation is over. */
  login(t: Cleanup, user: string): Promise<Client>
}

export interface Sides {
  readonly ours: Side
  readonly theirs: Side
}

export interface Conversation {
  /** A rule in words. */
  readonly name: string
  run(t: Cleanup, sides: Sides): Promise<void>
}

type Way = 'outbound' | 'inbound'

/** The same from our side to theirs, and from theirs to ours. */
export function bothWays(
  name: string,
  run: (t: Cleanup, from: Side, to: Side, way: Way) => Promise<void>,
): readonly Conversation[] {
  return [
    { name: `${name} (from ours to theirs)`, run: (t, { ours, theirs }) => run(t, ours, theirs, 'outbound') },
    { name: `${name} (from theirs to ours)`, run: (t, { ours, theirs }) => run(t, theirs, ours, 'inbound') },
  ]
}

/** An id that no other stanza has. */
export function freshId(): string {
  return randomUUID()
}

export function isFrom(stanza: Element, from: string): boolean {
  return stanza.attrs['from'] === from
}

/** A message that is not an error, from that address, with that body. */
export function isMessage(from: string, body: string): (stanza: Element) => boolean {
  return (s) =>
    s.name === 'message' && s.attrs['type'] !== 'error' && isFrom(s, from) && s.getChildText('body') === body
}

/** Presence of a type (undefined: available), whose address is that one or a resource of it. */
export function isPresence(from: string, type?: string): (stanza: Element) => boolean {
  return (s) =>
    s.name === 'presence' &&
    s.attrs['type'] === type &&
    (isFrom(s, from) || s.attrs['from']?.startsWith(`${from}/`) === true)
}

/** The condition of an error stanza (RFC 6120 §8.3.3). */
export function conditionOf(stanza: Element): string | undefined {
  return stanza.getChild('error')?.getChildElements().find(isCondition)?.name
}

function isCondition(element: Element): boolean {
  return element.getNS() === 'urn:ietf:params:xml:ns:xmpp-stanzas' && element.name !== 'text'
}

/** The gateway's reference in the text of an error. */
export function referenceIn(error: Element): string {
  const text = error.getChild('error')?.getChildText('text') ?? ''
  const [, reference] = REFERENCE.exec(text) ?? []
  assert.ok(reference, `no reference in ${error.toString()}`)
  return reference
}
