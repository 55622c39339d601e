// The bytes of somebody's list as text: UTF-8, or UTF-16 as PowerShell writes it, with or without a mark at the beginning.

import { isUtf8 } from 'node:buffer'

/** Something that keeps a list from being read, and what to do; `line` where it is known. */
export interface Problem {
  readonly problem: string
  readonly line?: number | undefined
}

/** @returns the text without its mark, or what is wrong with it */
export function textOf(bytes: Uint8Array): string | Problem {
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    if (encoding !== 'utf-8') return { problem: `begins as ${encoding} and does not go on so; export it again` }
    const problem =
      'neither UTF-8 nor UTF-16; export it with "-Encoding UTF8" (PowerShell), or save it as "CSV UTF-8" (Excel)'
    return { problem, line: firstOddLine(bytes) }
  }
}

function encodingOf([first = 0x20, second = 0x20]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  // Lists begin with ASCII, of which UTF-16 makes half zeros.
  if (first !== 0 && second === 0) return 'utf-16le'
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-8'
}

const LINE_END = 0x0a

function firstOddLine(bytes: Uint8Array): number {
  let line = 1
  let from = 0
  for (let at = bytes.indexOf(LINE_END); at !== -1 && isUtf8(bytes.subarray(from, at)); line += 1) {
    from = at + 1
    at = bytes.indexOf(LINE_END, from)
  }
  return line
}
