// Files that a command makes, all or none: nothing is overwritten, and when the command fails, what it made goes again.

import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

/** Files made below one directory so far. */
export class NewFiles {
  readonly #root: string
  readonly #files: string[] = []
  readonly #directories: string[] = []

  constructor(root: string) {
    this.#root = root
  }

  /** The files made so far, relative to the root, in order. */
  get made(): readonly string[] {
    return this.#files.map((file) => relative(this.#root, file))
  }

  /** Makes a directory below the root, and those above it. */
  async directory(name: string, mode: number = 0o755): Promise<void> {
    const path = resolve(this.#root, name)
    const first = await mkdir(path, { recursive: true, mode })
    if (first === undefined) return
    // `mkdir` tells the first it made; everything from there down to `path` is new.
    const made: string[] = []
    for (let at = path; at.length >= first.length; at = dirname(at)) made.push(at)
    this.#directories.push(...made.toReversed())
  }

  /** Makes a file; @throws EEXIST rather than overwrite one. */
  async file(name: string, content: string, mode: number = 0o644): Promise<void> {
    const path = resolve(this.#root, name)
    await this.directory(dirname(path))
    await writeFile(path, content, { flag: 'wx', mode, flush: true })
    this.#files.push(path)
  }

  /** Takes note of a file that somebody else is about to make for the command, unless it is there already. */
  async adopt(name: string): Promise<void> {
    const path = resolve(this.#root, name)
    if ((await stat(path).catch(() => undefined)) === undefined) this.#files.push(path)
  }

  /** Removes what was made. A directory that holds something else by now stays. */
  async undo(): Promise<void> {
    for (const file of this.#files.toReversed()) await rm(file, { force: true })
    for (const directory of this.#directories.toReversed()) await rmdir(directory).catch(() => undefined)
    this.#files.length = 0
    this.#directories.length = 0
  }
}
