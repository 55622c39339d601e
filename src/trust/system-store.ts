// The CAs that the operating system believes: a file and a directory, where OpenSSL looks for them and Node does.
//
// Rule 1: read here, since Node reads them once in the life of a process; who goes into the store, or is taken out, counts
//         while it goes on.
// Rule 2: read again when a stamp says so: of the file, the directory, and the files in it, which may change in their place.
// Rule 3: what is not there holds nothing; what is there and cannot be read is told, so that nobody takes it for gone.

import { hash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { env } from 'node:process'
import { errorCode, errorText, readText } from './files.ts'
import { decodePem } from './pem.ts'

export interface StorePlaces {
  readonly file: string
  readonly directory: string
}

/** Where the environment says so, otherwise where Node's OpenSSL looks. */
export const storePlaces = ({ SSL_CERT_FILE, SSL_CERT_DIR } = env): StorePlaces => ({
  file: SSL_CERT_FILE ?? '/etc/ssl/cert.pem',
  directory: SSL_CERT_DIR ?? '/etc/ssl/certs',
})

/** As `update-ca-certificates` (Debian, Alpine, SUSE) and `update-ca-trust` (Fedora) write them. */
const BUNDLES = ['ca-certificates.crt', 'ca-bundle.crt']
/** More files than that are not looked at: the bundles come first, then the others by name. */
export const MOST_FILES = 2000
/** A file that was written a moment ago may be written again without its stamp telling. */
const RECENT_MS = 3000

export interface StoreContents {
  /** What each file holds, DER; what is there under several names, by the first. */
  readonly files: ReadonlyMap<string, readonly Buffer[]>
  /** Files, or the directory, that cannot be read, and why. */
  readonly faults: ReadonlyMap<string, string>
  /** So many files are not looked at. */
  readonly leftOut: number
}

/** What changes when the store does. Never rejects. */
export async function storeFiles(places: StorePlaces = storePlaces()): Promise<readonly string[]> {
  return [places.directory, ...(await list(places)).paths]
}

/** Another word whenever one of those files changes, or what its link leads to, by `now`, ms since 1970; and once more after that. */
export async function stampOfStore(now: number, places?: StorePlaces): Promise<string> {
  const stamps = (await storeFiles(places)).map(async (path) => {
    const found = await stat(path).catch(() => undefined)
    if (!found) return `${path} missing`
    const { dev, ino, size, mtimeMs, ctimeMs } = found
    const recent = now - Math.max(mtimeMs, ctimeMs) < RECENT_MS
    return `${path} ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}${recent ? ' recent' : ''}`
  })
  return hash('sha256', (await Promise.all(stamps)).join('\n'))
}

/** The certificates of the store. Never rejects. */
export async function readStore(places: StorePlaces = storePlaces()): Promise<StoreContents> {
  const { paths, leftOut, fault } = await list(places)
  const files = new Map<string, readonly Buffer[]>()
  const faults = new Map<string, string>()
  if (fault !== undefined) faults.set(resolve(places.directory), fault)
  const seen = new Set<string>()
  for (const path of paths) {
    const found = await stat(path).catch(faultOf)
    if (typeof found === 'string') faults.set(path, found)
    if (typeof found !== 'object' || !found.isFile()) continue
    // Under the hash of its name, each is there a second time.
    const which = `${found.dev} ${found.ino}`
    if (seen.has(which)) continue
    seen.add(which)
    const read = await readText(path)
    if ('text' in read) files.set(path, decodePem(read.text))
    else faults.set(path, read.fault)
  }
  return { files, faults, leftOut }
}

interface Listed {
  readonly paths: readonly string[]
  readonly leftOut: number
  /** Why the directory cannot be read. */
  readonly fault: string | undefined
}

async function list({ file, directory }: StorePlaces): Promise<Listed> {
  const entries = await readdir(directory).catch(faultOf)
  const names = typeof entries === 'object' ? entries.toSorted() : []
  const all = [...new Set([file, ...[...BUNDLES, ...names].map((name) => resolve(directory, name))])]
  const paths = all.slice(0, MOST_FILES)
  return { paths, leftOut: all.length - paths.length, fault: typeof entries === 'string' ? entries : undefined }
}

/** Why something that is there cannot be read; undefined where it is not. */
function faultOf(error: unknown): string | undefined {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `cannot be read (${code ?? errorText(error)})`
}
