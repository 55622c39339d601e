// The ping of a probe (XEP-0199): the one stanza it sends, how its answer is known, and how long it is waited for.

import type { StreamEnd } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import { escapeAttribute } from '../../xml/write.ts'
import type { Frame } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { Callback } from './callback.ts'

/** After the partner's server was refused: the time in which it may try in another way. */
const GRACE_MS = 1500

/** XEP-0199 §4.1, from our domain to theirs. */
export function pingElement({ local, remote }: Pair, id: string): Buffer {
  const [from, to] = [escapeAttribute(local), escapeAttribute(remote)]
  return Buffer.from(`<iq type='get' id='${id}' from='${from}' to='${to}'><ping xmlns='${NS.ping}'/></iq>`)
}

/** Any answer will do: it shows that both directions work. */
export function isAnswer(frame: Frame, id: string): boolean {
  return frame.name === 'iq' && frame.id === id && (frame.type === 'result' || frame.type === 'error')
}

/**
 * Waits until the answer is there, our stream has ended, the time is over, or all that the partner opened to us has
 * failed and nothing new has come for a while.
 */
export async function waitForAnswer(
  callback: Callback,
  ended: Promise<StreamEnd> | undefined,
  ms: number,
): Promise<{ readonly ended: StreamEnd | undefined }> {
  const ours: { end?: StreamEnd } = {}
  void ended?.then((how) => (ours.end = how))
  const over = deadline(ms)
  let grace: ReturnType<typeof deadline> | undefined
  try {
    while (!callback.answer && !ours.end && !over.passed && grace?.passed !== true) {
      grace?.clear()
      grace = callback.hopeless ? deadline(GRACE_MS) : undefined
      await Promise.race([callback.change, over.promise, ...(ended ? [ended] : []), ...(grace ? [grace.promise] : [])])
    }
    return { ended: callback.answer ? undefined : ours.end }
  } finally {
    over.clear()
    grace?.clear()
  }
}

/** A wait that can be called off. */
export function deadline(ms: number): { readonly promise: Promise<void>; readonly passed: boolean; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const state = { passed: false }
  const timer = setTimeout(() => {
    state.passed = true
    resolve()
  }, ms)
  return {
    promise,
    get passed() {
      return state.passed
    },
    clear: () => clearTimeout(timer),
  }
}
