// The CAs that the operating system believes: a file and a directory, where OpenSSL looks for them and Node does.
//
// Rule 1: read here, since Node reads them once in the life of a process; who goes into the store, or is taken out, counts
//         while it goes on.
// Rule 2: read again when a stamp says so: of the file, the directory, and the bundles in it, which may change in their place.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { readText } from './files.ts'
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

/** What changes when the store does. */
export const storeFiles = ({ file, directory }: StorePlaces = storePlaces()): readonly string[] => [
  ...new Set([file, directory, ...BUNDLES.map((name) => join(directory, name))]),
]

/** Another word whenever one of those files changes, or what its link leads to. */
export async function stampOfStore(places?: StorePlaces): Promise<string> {
  const stamps = storeFiles(places).map(async (path) => {
    const found = await stat(path).catch(() => undefined)
    return found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}` : 'missing'
  })
  return (await Promise.all(stamps)).join('\n')
}

/** More files of a directory than that are not looked at. */
const MOST_FILES = 2000

/** The certificates (DER) of the store, each at least once; none where it cannot be read. Never rejects. */
export async function readStore({ file, directory }: StorePlaces = storePlaces()): Promise<readonly Buffer[]> {
  const entries = await readdir(directory).catch(() => [])
  const seen = new Set<string>()
  const ders: Buffer[] = []
  for (const path of [file, ...entries.slice(0, MOST_FILES).map((name) => join(directory, name))]) {
    const found = await stat(path).catch(() => undefined)
    // Under the hash of its name, each is there a second time.
    const which = found && `${found.dev} ${found.ino}`
    if (!found?.isFile() || which === undefined || seen.has(which)) continue
    seen.add(which)
    const read = await readText(path)
    if ('text' in read) ders.push(...decodePem(read.text))
  }
  return ders
}
