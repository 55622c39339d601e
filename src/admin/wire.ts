// What travels over the control socket: one JSON object per line, `{id, operation, input}` to the gateway and
// `{id, ok, output | error}` back. `id` is the caller's, returned as it came. Who asks with `progress: true` may get lines
// of `{id, progress}` before that, and says by ending its side of the connection that it has heard enough.

import * as z from 'zod'
import { FAILURE_CODES } from './operation.ts'

export const Request = z.object({
  id: z.union([z.string().max(64), z.number()]).optional(),
  operation: z.string().max(64),
  input: z.unknown().optional(),
  progress: z.boolean().optional(),
})

export const Progress = z.object({ progress: z.unknown() }).refine((line) => Object.hasOwn(line, 'progress'))

export const Response = z.union([
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.enum(FAILURE_CODES).catch('internal'), message: z.string(), act: z.string() }),
  }),
])

const NEWLINE = 0x0a

/** Cuts a byte stream into lines and never holds more than `maxBytes` of an unfinished one. */
export class Lines {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that are complete now, without their ends; undefined when one is longer than allowed. */
  push(chunk: Buffer): readonly Buffer[] | undefined {
    const lines: Buffer[] = []
    let rest = chunk
    for (let at = rest.indexOf(NEWLINE); at !== -1; at = rest.indexOf(NEWLINE)) {
      if (this.#size + at > this.#maxBytes) return undefined
      lines.push(Buffer.concat([...this.#parts, rest.subarray(0, at)]))
      this.#parts = []
      this.#size = 0
      rest = rest.subarray(at + 1)
    }
    if (rest.length > 0) this.#parts.push(rest)
    this.#size += rest.length
    return this.#size > this.#maxBytes ? undefined : lines
  }
}

/** The value of a line of JSON in UTF-8; undefined when it is none. */
export function readLine(line: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return undefined
  }
}
