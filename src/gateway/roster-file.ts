// Rosters as servers export them (XEP-0227): who of ours has whom outside in their roster, and nothing else of the file, which
// holds passwords too.
//
// Rule 1: the text is read as strictly as what comes off the wire; by how it is written nothing is guessed.
// Rule 2: all hosts of the file are read; which of them are ours is for whoever asked.

import { AFTER_AUTHENTICATION } from '../xml/limits.ts'
import { decodeAttribute } from '../xml/references.ts'
import { Scanner } from '../xml/scanner.ts'
import { type RawAttribute, walk } from '../xml/walk.ts'
import { streamHeader } from '../xml/write.ts'

/** One entry of a roster. RFC 6121 §2.1.2 */
export interface RosterEntry {
  /** `name@host`. */
  readonly user: string
  readonly contact: string
  /** Has the user their presence, or has asked for it; and have they the user's? */
  readonly asked: boolean
  readonly approved: boolean
}

export interface RosterFile {
  readonly entries: readonly RosterEntry[]
  /** Files that this one names as further parts of it (XInclude), as written. */
  readonly parts: readonly string[]
}

/** More than any server of one organisation exports into one file. */
const MOST_BYTES = 2 ** 29
const LIMITS = { ...AFTER_AUTHENTICATION, stanzaBytes: MOST_BYTES, elements: 2 ** 26 }

/** Reads an export; what is wrong with it where it is none. */
export function readRosters(text: string): RosterFile | { readonly fault: string } {
  const scanner = new Scanner(LIMITS)
  scanner.push(Buffer.from(streamHeader({}) + text.replace(/^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*/, '').trimEnd()))
  scanner.next()
  const event = scanner.next()
  if (event === undefined) return { fault: 'it is not complete' }
  if (event.kind === 'error') return { fault: event.detail }
  if (event.kind !== 'frame' || scanner.pending > 0) return { fault: 'it is not one element' }
  const { namespace, name } = event.frame
  // A part of an export may be a file of its own, and begin further in.
  if (namespace !== PIE || !['server-data', 'host', 'user'].includes(name))
    return { fault: `<${name}/> is no export of a server (XEP-0227)` }
  return entriesOf(event.frame.bytes.toString('utf8'))
}

const PIE = 'urn:xmpp:pie:0'
const ROSTER = 'jabber:iq:roster'

interface Open {
  readonly name: string
  readonly isRoster: boolean
}

function entriesOf(xml: string): RosterFile {
  const entries: RosterEntry[] = []
  const parts: string[] = []
  const open: Open[] = []
  let [host, user] = ['', '']
  walk(xml, {
    open(written, attributes, isEmpty) {
      const name = localName(written)
      const outer = open.at(-1)
      const said = (key: string): string => valueOf(attributes, key) ?? ''
      if (name === 'host' && open.length <= 1) host = said('jid')
      else if (name === 'user' && open.length <= 2) user = said('name')
      else if (name === 'include') parts.push(said('href'))
      else if (name === 'item' && outer?.isRoster === true) {
        const subscription = said('subscription')
        const asked = ['to', 'both'].includes(subscription) || said('ask') === 'subscribe'
        const approved = ['from', 'both'].includes(subscription) || said('approved') === 'true'
        if (subscription !== 'remove') entries.push({ user: `${user}@${host}`, contact: said('jid'), asked, approved })
      }
      const isRoster = name === 'query' && outer?.name === 'user' && said('xmlns') === ROSTER
      if (!isEmpty) open.push({ name, isRoster })
    },
    close: () => void open.pop(),
    text: () => undefined,
    cdata: () => undefined,
  })
  return { entries, parts }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

function valueOf(attributes: readonly RawAttribute[], key: string): string | undefined {
  const found = attributes.find(({ name }) => name === key)
  return found && decodeAttribute(found.value)
}
