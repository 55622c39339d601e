// A configuration file from the disk as text, or a sentence that says why not. Bounded: only regular files, up to a
// size, in UTF-8.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** The largest file of a partner. */
export const MAX_PARTNER_BYTES = 64 * 1024

export type TextReading =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string; readonly missing: boolean }

/** Reads a file of at most `maxBytes`. Never throws for what a disk or an operator can do. */
export async function readText(path: string, maxBytes: number): Promise<TextReading> {
  try {
    // O_NONBLOCK: a pipe that lies there instead of a file must not hold us up.
    await using handle = await open(path, READ_NONBLOCK)
    const stat = await handle.stat()
    if (!stat.isFile()) return { problem: 'not a file', missing: false }
    if (stat.size > maxBytes) return tooLarge(maxBytes)
    const buffer = Buffer.alloc(maxBytes + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, Math.min(buffer.length - length, CHUNK))
      if (bytesRead === 0) break
      length += bytesRead
    }
    return length > maxBytes ? tooLarge(maxBytes) : decode(buffer.subarray(0, length))
  } catch (error) {
    return problemOf(error)
  }
}

/**
 * The same at once, for many small files: each `await` costs more than the reading. `room` is for the bytes meanwhile, one
 * more than `maxBytes`.
 */
export function readTextNow(path: string, maxBytes: number, room: Buffer): TextReading {
  let file: number | undefined
  try {
    file = openSync(path, READ_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile()) return { problem: 'not a file', missing: false }
    if (stat.size > maxBytes) return tooLarge(maxBytes)
    let length = 0
    while (length <= maxBytes) {
      const bytesRead = readSync(file, room, length, maxBytes + 1 - length, null)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return length > maxBytes ? tooLarge(maxBytes) : decode(room.subarray(0, length))
  } catch (error) {
    return problemOf(error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** A sentence for what the operating system said. */
export function systemSentence(error: unknown, done: 'read' | 'changed' = 'read'): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const sentences: Readonly<Record<string, string>> = {
    ENOENT: 'missing',
    EEXIST: 'is there already',
    EACCES: `cannot be ${done}: permission denied`,
    EPERM: `cannot be ${done}: permission denied`,
    EISDIR: 'a directory, not a file',
    ENOTDIR: 'not a directory',
    ELOOP: 'a symbolic link that leads nowhere',
    EROFS: 'on a file system that is read-only',
    ENOSPC: 'on a disk that is full',
    EMFILE: `cannot be ${done}: too many files are open`,
    ENFILE: `cannot be ${done}: too many files are open`,
  }
  return sentences[code] ?? `cannot be ${done} (${code === '' ? String(error) : code})`
}

const CHUNK = 65_536
const UTF_8 = new TextDecoder('utf-8', { fatal: true })
const READ_NONBLOCK = constants.O_RDONLY | constants.O_NONBLOCK

function decode(bytes: Buffer): TextReading {
  const [first, second] = bytes
  const utf16 = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)
  if (utf16) return { problem: 'written in UTF-16; save it as UTF-8', missing: false }
  try {
    return { text: UTF_8.decode(bytes) }
  } catch {
    return { problem: 'not in UTF-8; save it as UTF-8', missing: false }
  }
}

function tooLarge(maxBytes: number): TextReading {
  return { problem: `larger than ${maxBytes / 1024} KiB; such a file is a mistake`, missing: false }
}

function problemOf(error: unknown): TextReading {
  const sentence = systemSentence(error)
  return { problem: sentence, missing: sentence === 'missing' }
}
