// The last lines of the log, when the process ends and nothing that is begun is finished any more: they are those that matter.
//
// Rule: nobody who does not read keeps the process from ending.

import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Log } from './log.ts'

/** So long the reader of a pipe that is full is waited for, and so often it is tried again, in milliseconds. */
const LONGEST_MS = 1000
const PAUSE_MS = 5

/**
 * Writes what waits when the process ends, however it ends by itself. Gives back how to leave that off.
 * @param to where the log goes @param fd the same, as the system knows it
 */
export function writeLastLines(log: Pick<Log, 'flush'>, to: Writable, fd: number): () => void {
  const write = (lines: string): void => {
    // Of what was begun before, the end is lost; what comes now begins on a line of its own.
    writeAtOnce(fd, to.writableLength > 0 ? `\n${lines}` : lines)
  }
  const last = (): void => log.flush(write)
  process.on('exit', last)
  return () => void process.off('exit', last)
}

function writeAtOnce(fd: number, text: string): void {
  let left = Buffer.from(text)
  for (let waitedMs = 0; left.length > 0 && waitedMs < LONGEST_MS;) {
    try {
      left = left.subarray(writeSync(fd, left))
    } catch (error) {
      // Nobody is there to read.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
      waitedMs += PAUSE_MS
    }
  }
}
