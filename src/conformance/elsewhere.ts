// What a case expects of places other than its stream: what comes to the core, or back to the peer, and what is logged.

import type { Element } from '@xmpp/xml'
import type { Attributes, Pattern } from './case.ts'
import { violated } from './ends.ts'
import { differs, inWords } from './pattern.ts'

/** What crosses has streams to wait for that are opened first. */
const PATIENCE_MS = 15_000
const LOOK_MS = 20

/** Looks again and again. @returns what was found within the time */
export async function found<T>(look: () => T | undefined, ms = PATIENCE_MS): Promise<T | undefined> {
  const until = performance.now() + ms
  for (;;) {
    const is = look()
    if (is !== undefined || performance.now() >= until) return is
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

export interface Wanted {
  /** What has come so far; it grows. */
  readonly heard: readonly Element[]
  /** `reached the core`. */
  readonly where: string
  readonly withinMs: number | undefined
}

/** @throws Ends where nothing like this comes within the time */
export async function come(wanted: Pattern, { heard, where, withinMs }: Wanted): Promise<void> {
  const look = (): Element | undefined => heard.find((stanza) => differs(stanza, wanted) === undefined)
  if (await found(look, withinMs)) return
  const last = heard.at(-1)
  throw violated(`${inWords(wanted)} never ${where}${last ? `; the last had ${differs(last, wanted) ?? ''}` : ''}`)
}

/** @throws Ends where they do not all come within the time, one after the other */
export async function comeInOrder(wanted: readonly Pattern[], { heard, where, withinMs }: Wanted): Promise<void> {
  const missing = (): Pattern | undefined => {
    let at = 0
    for (const stanza of heard) if (wanted[at] && differs(stanza, wanted[at]!) === undefined) at += 1
    return wanted[at]
  }
  if (await found(() => (missing() === undefined ? true : undefined), withinMs)) return
  const first = missing()
  if (first) throw violated(`${inWords(first)} never ${where}, or not in its order`)
}

/** The fields of one line. */
export type Logged = Readonly<Record<string, unknown>>

/** @param lines of JSON. @returns what was logged like this. @throws Ends where not so many copies were within the time */
export async function logged(
  lines: () => readonly string[],
  wanted: Attributes,
  { copies = 1, withinMs }: { readonly copies?: number; readonly withinMs?: number | undefined } = {},
): Promise<Logged> {
  const look = (): Logged | undefined =>
    lines()
      .map(read)
      .filter((line) => isLike(line, wanted))[copies - 1]
  const line = await found(look, withinMs)
  if (line) return line
  throw violated(`it has logged nothing with ${JSON.stringify(wanted)}`)
}

function isLike(line: Logged, wanted: Attributes): boolean {
  return Object.entries(wanted).every(([key, value]) =>
    typeof value === 'string' ? String(line[key]) === value : (line[key] !== undefined) === value,
  )
}

function read(line: string): Logged {
  try {
    const fields: unknown = JSON.parse(line)
    return typeof fields === 'object' && fields !== null ? { ...fields } : {}
  } catch {
    return {}
  }
}
