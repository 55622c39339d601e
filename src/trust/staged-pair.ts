// A certificate and its key on their way into their places: written beside them, looked at there, then put in place at
// one stroke each, while those from before stay beside them under a date.
//
// Rule 1: nothing that is in its place changes before `commit`, and when that fails, all is as it was.
// Rule 2: a key is for the owner of its folder alone: mode 600 from its first byte on.

import { lstat, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorCode } from './files.ts'
import { makeOwnedFolder, readOwned, replaceOwned, writeOwned } from './owned-file.ts'

export interface PairPlaces {
  readonly certFile: string
  readonly keyFile: string
}

export interface PairContent {
  /** PEM. */
  readonly fullchain: string
  readonly privkey: string
}

export class StagedPair implements AsyncDisposable {
  /** Where the pair lies for the time being. */
  readonly staged: PairPlaces
  readonly #places: PairPlaces

  private constructor(places: PairPlaces, staged: PairPlaces) {
    this.#places = places
    this.staged = staged
  }

  /** Writes the pair beside its places, whose folders are made where they are missing. */
  static async write(places: PairPlaces, { fullchain, privkey }: PairContent): Promise<StagedPair> {
    const staged = { certFile: beside(places.certFile, 'import'), keyFile: beside(places.keyFile, 'import') }
    const pair = new StagedPair(places, staged)
    for (const file of [places.certFile, places.keyFile]) await makeOwnedFolder(dirname(file))
    // What an import that was cut off has left.
    await pair[Symbol.asyncDispose]()
    try {
      await writeOwned(staged.keyFile, privkey, 0o600)
      await writeOwned(staged.certFile, fullchain, 0o644)
    } catch (error) {
      await pair[Symbol.asyncDispose]()
      throw error
    }
    return pair
  }

  /** Puts the pair in its places. Gives back the files in which that from before is kept, named after `stamp`. */
  async commit(stamp: string): Promise<readonly string[]> {
    const { certFile, keyFile } = this.#places
    const keptKey = await keep(keyFile, stamp, 0o600)
    const keptCert = await keep(certFile, stamp, 0o644)
    await rename(this.staged.keyFile, keyFile)
    try {
      await rename(this.staged.certFile, certFile)
    } catch (error) {
      if (keptKey === undefined) await rename(keyFile, this.staged.keyFile)
      else await replaceOwned(keyFile, await readOwned(keptKey), 0o600)
      throw error
    }
    return [keptCert, keptKey].filter((file) => file !== undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of [this.staged.keyFile, this.staged.certFile]) await rm(file, { force: true })
  }
}

/** Does the name lead to a file that is kept elsewhere, such as by an ACME client? */
export async function isLink(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined))?.isSymbolicLink() ?? false
}

/** `privkey.pem` → `privkey.new.pem` in the same folder. */
export function beside(file: string, word: string): string {
  const name = basename(file)
  const dot = name.lastIndexOf('.')
  return join(dirname(file), dot > 0 ? `${name.slice(0, dot)}.${word}${name.slice(dot)}` : `${name}.${word}`)
}

/** Copies a file under a name with the stamp; undefined when there is none. @throws ELOOP when it is a link by now */
async function keep(file: string, stamp: string, mode: number): Promise<string | undefined> {
  let octets: Buffer
  try {
    octets = await readOwned(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  for (let more = 0; ; more++) {
    const kept = beside(file, more === 0 ? stamp : `${stamp}-${more}`)
    try {
      await writeOwned(kept, octets, mode)
      return kept
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || more > 99) throw error
    }
  }
}
