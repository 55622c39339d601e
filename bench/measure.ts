// What a contestant costs: processor time and memory of its whole tree of processes, from /proc.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

interface Process {
  readonly pid: number
  readonly parent: number
  /** User and system, of all threads and of children that have ended. */
  readonly ticks: number
}

export class Tree {
  readonly #root: number

  constructor(root: number) {
    this.#root = root
  }

  /** Seconds of processor time so far, user and system. */
  cpuSeconds(): number {
    return this.#processes().reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond
  }

  /**
   * Resident memory in bytes, without that of files (the program and its libraries), which the system lets go and brings
   * back as it likes. What processes share counts once for each.
   */
  residentBytes(): number {
    return this.#processes().reduce((sum, { pid }) => {
      const lines = (read(`/proc/${pid}/status`) ?? '').matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB/gm)
      return sum + lines.reduce((total, [, kilobytes]) => total + Number(kilobytes) * 1024, 0)
    }, 0)
  }

  #processes(): readonly Process[] {
    const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []))
    const tree = all.filter(({ pid }) => pid === this.#root)
    if (tree.length === 0) throw new Error(`process ${this.#root} is gone`)
    for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
    return tree
  }
}

// proc(5): the name is in parentheses, and may hold anything; 4 ppid, 14 utime, 15 stime, 16 cutime, 17 cstime.
function statOf(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return { pid, parent: Number(fields[1]), ticks }
}

/** A file of a process that may be gone by now. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Watches memory while something runs, which may end: whoever waits for it finds out. */
export class MemoryWatch implements Disposable {
  readonly #tree: Tree
  readonly #timer: NodeJS.Timeout
  #peak: number

  constructor(tree: Tree, everyMs = 200) {
    this.#tree = tree
    this.#peak = tree.residentBytes()
    this.#timer = setInterval(() => {
      try {
        this.#look()
      } catch {
        clearInterval(this.#timer)
      }
    }, everyMs)
  }

  /** The most that was resident so far, in bytes. */
  peak(): number {
    this.#look()
    return this.#peak
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, this.#tree.residentBytes())
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** Memory is at rest when it has moved by less than this for so long, if nobody says otherwise. */
const REST = { bytes: 2 ** 20, seconds: 5, mostSeconds: 60 }

/** Resident memory as soon as it rests, or what it is after a minute. */
export async function atRest(tree: Tree, seconds = REST.seconds): Promise<number> {
  let [held, since] = [tree.residentBytes(), performance.now()]
  const began = since
  while (performance.now() - since < seconds * 1000 && performance.now() - began < REST.mostSeconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = tree.residentBytes()
    if (Math.abs(now - held) < REST.bytes) continue
    ;[held, since] = [now, performance.now()]
  }
  return tree.residentBytes()
}
