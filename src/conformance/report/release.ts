// What is tested, by what cannot be mistaken for another: the commit, the digest of the code, the bill of materials, and the
// machine it runs on.

import { execFile } from 'node:child_process'
import { createHash, getFips } from 'node:crypto'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { arch, cpus, release, totalmem, type, version as osVersion } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { billOf } from './sbom.ts'

export interface Release {
  readonly version: string
  /** Of Git; undefined: it is no checkout. `changed`: there were files that differ from it. */
  readonly commit?: { readonly id: string; readonly changed: boolean }
  /** SHA-256 over names and contents of all files of the program, in hexadecimal. */
  readonly code: string
  /** Text of the bill of materials; undefined: the installation has no lock file. */
  readonly bill?: string
}

/** @param root the folder that has `src/` in it */
export async function releaseOf(root: string, version: string): Promise<Release> {
  const [commit, code, lock] = await Promise.all([commitOf(root), codeOf(join(root, 'src')), lockOf(root)])
  const bill = lock && `${JSON.stringify(billOf(JSON.parse(lock), process.versions), undefined, 2)}\n`
  return { version, code, ...(commit && { commit }), ...(bill !== undefined && { bill }) }
}

async function commitOf(root: string): Promise<Release['commit']> {
  const git = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', root, ...words])).stdout.trim()
  try {
    // Within a repository of somebody else's, its commit would say nothing of this program.
    if ((await realpath(await git('rev-parse', '--show-toplevel'))) !== (await realpath(root))) return undefined
    const id = await git('rev-parse', 'HEAD')
    return { id, changed: (await git('status', '--porcelain', '--', 'src', 'package-lock.json')) !== '' }
  } catch {
    return undefined
  }
}

async function codeOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    hash.update(`${relative(folder, file)}\0${digest}\n`)
  }
  return hash.digest('hex')
}

const lockOf = (root: string): Promise<string | undefined> =>
  readFile(join(root, 'package-lock.json'), 'utf8').catch(() => undefined)

export interface Machine {
  readonly node: string
  readonly openssl: string
  /** Is a validated provider in force? */
  readonly fips: boolean
  readonly system: string
  readonly processors: string
  readonly memory: string
}

export function machine(): Machine {
  const [first] = cpus()
  return {
    ...{ node: process.version, openssl: process.versions.openssl, fips: getFips() === 1 },
    system: `${type()} ${release()}, ${arch()} (${osVersion()})`,
    processors: `${cpus().length} × ${first?.model ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  }
}
