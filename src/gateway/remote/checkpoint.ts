// The checkpoint where a remote user's stanza comes in: judged as plain facts (`policy/remote/rules.ts`), and answered where
// it is refused.

import { judgeRemote, type RemoteFacts, type RemoteRefusal } from '../../policy/remote/rules.ts'
import type { Frame } from '../../xml/frame.ts'
import { errorReply } from '../../xml/stanza-error.ts'

export interface Refused extends RemoteRefusal {
  /** What the client is shown, and the record is found by. */
  readonly reference: string
  /** What the client is told; undefined: such a stanza is not answered. */
  readonly answer: Buffer | undefined
}

// What is longer is not said again: it would double what a flood costs, and no client writes it.
const LONGEST_ID = 1024
/** RFC 7622 §3.1 */
const LONGEST_ADDRESS = 3071

/** Judges a stanza of the user, whose session is bound to the address; undefined: it passes. */
export function refuse(frame: Frame, user: string, address: string, reference: () => string): Refused | undefined {
  const refusal = judgeRemote(factsOf(frame, user, address))
  if (!refusal) return undefined
  const at = reference()
  const { condition, type } = refusal
  const { name, type: asType, id, to = user } = frame
  const isRepeated = (id?.length ?? 0) <= LONGEST_ID && to.length <= LONGEST_ADDRESS
  const asked = { name, type: asType, id, from: address, to }
  const error = { condition, type, text: `Reference: ${at}` }
  return { ...refusal, reference: at, answer: isRepeated ? errorReply(asked, error) : undefined }
}

function factsOf(frame: Frame, user: string, address: string): RemoteFacts {
  const { name: kind, type, from, to } = frame
  return { kind, type, hasId: kind !== 'iq' || frame.id !== undefined, from, to, user, address }
}
