// Stream errors on the wire (RFC 6120 §4.9): ours, which tell the peer a condition and a reference, and theirs, which
// become a reason and a detail of ours.
//
// SECURITY: a peer never sees our rules, lists or addresses; the reference finds them in our records.
// Their words are a stranger's: they go into `detail` on one line and with a limit.

import { NS } from '../xmpp/namespaces.ts'
import { isStreamCondition, type StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { escapeText } from '../xml/write.ts'
import { quote } from './quote.ts'

/** A `<stream:error/>` with its condition, as text the reference, and what an application adds. The prefix is the header's. */
export function streamError(condition: StreamCondition, reference: string, application = ''): string {
  const text = `<text xmlns='${NS.streamConditions}' xml:lang='en'>Reference: ${escapeText(reference)}</text>`
  return `<stream:error><${condition} xmlns='${NS.streamConditions}'/>${text}${application}</stream:error>`
}

export interface HeardError {
  readonly condition: StreamCondition
  readonly reason: ReasonId
  /** Condition, text and application condition in one line. */
  readonly detail: string
  /** Where the peer sends us, in its words. RFC 6120 §4.9.3.19 */
  readonly elsewhere?: string
}

/** What a peer's stream error means to us. A condition that RFC 6120 does not have counts as `undefined-condition`. */
export function readStreamError(frame: Frame): HeardError {
  let condition: StreamCondition | undefined
  let said: string | undefined
  let text: string | undefined
  let application: string | undefined
  let elsewhere: string | undefined
  for (const child of parseElement(frame).getChildElements()) {
    const name = child.getName()
    if (child.getNS() !== NS.streamConditions) application ??= `{${child.getNS() ?? ''}}${name}`
    else if (name === 'text') text ??= child.getText()
    else {
      condition ??= isStreamCondition(name) ? name : 'undefined-condition'
      const value = child.getText().trim() // RFC 6120 §4.9.3.19: where to go instead
      said ??= value ? `${name} ${quote(value)}` : name
      if (name === 'see-other-host' && value) elsewhere ??= value
    }
  }
  condition ??= 'undefined-condition'
  const detail = [said ?? condition, text && quote(text), application && quote(application)].filter(Boolean).join(' ')
  const heard = { condition, reason: HEARD[condition], detail }
  return condition === 'see-other-host' && elsewhere !== undefined ? { ...heard, elsewhere } : heard
}

const HEARD: Record<StreamCondition, ReasonId> = {
  'bad-format': 'SP-461',
  'bad-namespace-prefix': 'SP-461',
  conflict: 'SP-457',
  'connection-timeout': 'SP-458',
  'host-gone': 'SP-451',
  'host-unknown': 'SP-451',
  'improper-addressing': 'SP-462',
  'internal-server-error': 'SP-460',
  'invalid-from': 'SP-462',
  'invalid-namespace': 'SP-461',
  'invalid-xml': 'SP-461',
  'not-authorized': 'SP-452',
  'not-well-formed': 'SP-461',
  'policy-violation': 'SP-453',
  'remote-connection-failed': 'SP-460',
  reset: 'SP-455',
  'resource-constraint': 'SP-459',
  'restricted-xml': 'SP-461',
  'see-other-host': 'SP-456',
  'system-shutdown': 'SP-454',
  'undefined-condition': 'SP-460',
  'unsupported-encoding': 'SP-461',
  'unsupported-feature': 'SP-463',
  'unsupported-stanza-type': 'SP-463',
  'unsupported-version': 'SP-463',
}
