// A stream that has just become ready may speak, or end, before its owner is told that there is one.

import type { StreamHandler } from '../../net/stream.ts'

/**
 * Keeps what a stream tells until the owner knows of it.
 *
 * @returns what the stream is given, and what the owner calls when it knows: it hears all so far, in order, and from then
 * on at once
 */
export function holdBack(owner: Required<Omit<StreamHandler, 'proven'>>): {
  readonly handler: StreamHandler
  release(): void
} {
  let early: (() => void)[] | undefined = []
  const tell = (act: () => void): void => {
    if (early) early.push(act)
    else act()
  }
  return {
    handler: {
      frame: (frame) => tell(() => owner.frame(frame)),
      taken: (stanzas) => tell(() => owner.taken(stanzas)),
      drained: () => tell(() => owner.drained()),
      closed: (end) => tell(() => owner.closed(end)),
      gone: (doubtful) => tell(() => owner.gone(doubtful)),
    },
    release() {
      const held = early ?? []
      early = undefined
      for (const act of held) act()
    },
  }
}
