// What a report consists of, and that nobody has changed it since: the SHA-256 of every file, signed by Ed25519 (RFC 8032).
//
// Rule: the manifest is signed as the bytes that are on disk, so that nothing has to be written the same way twice.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'manifest.sig'
export const PUBLIC_KEY = 'manifest.pub.pem'
const OWN: ReadonlySet<string> = new Set([MANIFEST, SIGNATURE, PUBLIC_KEY])
/** Without these it is no report, whatever was signed. */
const PARTS = ['report.html', 'report.json'] as const

/** The key at the place, made there on first use, for its owner alone. @throws when the file holds another kind of key */
export async function signingKey(file: string): Promise<KeyObject> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
    return privateKey
  }
  const key = createPrivateKey(kept)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`${file}: a key for Ed25519 is wanted, this is ${key.asymmetricKeyType}`)
  return key
}

/** Signs what lies in the folder. @returns the fingerprint of the key */
export async function seal(folder: string, key: KeyObject): Promise<string> {
  const files = Object.fromEntries(
    await Promise.all(
      (await contentOf(folder)).files.map(async (name) => [name, sha256(await readFile(join(folder, name)))] as const),
    ),
  )
  const manifest = Buffer.from(`${JSON.stringify({ format: 1, files }, undefined, 2)}\n`)
  const publicKey = createPublicKey(key)
  await writeFile(join(folder, MANIFEST), manifest)
  await writeFile(join(folder, SIGNATURE), `${sign(null, manifest, key).toString('base64')}\n`)
  await writeFile(join(folder, PUBLIC_KEY), publicKey.export({ type: 'spki', format: 'pem' }))
  return fingerprintOf(publicKey)
}

export interface Examined {
  /** What is wrong; nothing: it is as it was signed. */
  readonly faults: readonly string[]
  /** `sha256/…` of the public key. */
  readonly signedBy: string
  readonly files: number
}

/**
 * Is the folder as it was signed?
 * @param trusted a public key (PEM) that must have signed it; without it the one that lies beside it tells only that nothing
 *        was changed by somebody who has not signed it anew
 * @throws when the folder cannot be read, or `trusted` is no key
 */
export async function examine(folder: string, trusted?: string): Promise<Examined> {
  const { files, others } = await contentOf(folder)
  const [manifest, signature, beside] = await Promise.all(
    [MANIFEST, SIGNATURE, PUBLIC_KEY].map((name) => presentIn(folder, name)),
  )
  const lacking = [...OWN].filter((_, index) => [manifest, signature, beside][index] === undefined)
  if (!manifest || !signature || !beside)
    return { faults: lacking.map((name) => `${name} is missing`), signedBy: 'nobody', files: 0 }
  const kept = keyIn(beside)
  const key = trusted === undefined ? kept : createPublicKey(trusted)
  if (!key) return { faults: [`${PUBLIC_KEY} is no public key`], signedBy: 'nobody', files: 0 }
  const signedBy = fingerprintOf(key)
  if (key.asymmetricKeyType !== 'ed25519')
    return { faults: [`${MANIFEST} was signed by a key of another kind than Ed25519`], signedBy, files: 0 }
  if (!verify(null, manifest, key, Buffer.from(signature.toString('latin1'), 'base64')))
    return { faults: [`${MANIFEST} was not signed by ${signedBy}`], signedBy, files: 0 }
  const listed = filesOf(JSON.parse(manifest.toString('utf8')))
  const there = new Set(files)
  const faults = others.map((name) => `${name} is neither a file nor a folder`)
  // Whoever takes the key from there would take another one than that which was checked.
  if (kept?.equals(key) !== true) faults.push(`${PUBLIC_KEY} is not the key that has signed`)
  for (const part of PARTS)
    if (!listed.some(([name]) => name === part)) faults.push(`${part} is not among what was signed`)
  for (const [name, digest] of listed) {
    if (!there.delete(name)) faults.push(`${name} is missing`)
    else if (sha256(await readFile(join(folder, name))) !== digest) faults.push(`${name} was changed`)
  }
  for (const name of there) faults.push(`${name} was added`)
  return { faults, signedBy, files: listed.length }
}

/** A file of the seal; undefined: it is not there, or it leads elsewhere. */
async function presentIn(folder: string, name: string): Promise<Buffer | undefined> {
  const file = join(folder, name)
  const isFile = await lstat(file).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile ? await readFile(file) : undefined
}

/** The public key, also of a private one; undefined: it is none. */
export function keyIn(pem: Buffer | string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

/** @throws when it is no manifest */
function filesOf(manifest: unknown): readonly (readonly [string, string])[] {
  const files = isObject(manifest) ? manifest['files'] : undefined
  if (!isObject(files)) throw new Error(`${MANIFEST} lists no files`)
  return Object.entries(files).map(([name, digest]) => [name, typeof digest === 'string' ? digest : ''])
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

interface Content {
  readonly files: readonly string[]
  /** Links and the like, which lead elsewhere; none is followed. */
  readonly others: readonly string[]
}

/** Names relative to the folder, without what the seal itself consists of. */
async function contentOf(folder: string, below = ''): Promise<Content> {
  const files: string[] = []
  const others: string[] = []
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) {
      const inner = await contentOf(folder, name)
      files.push(...inner.files)
      others.push(...inner.others)
    } else if (!entry.isFile()) others.push(name)
    else if (!OWN.has(name)) files.push(name)
  }
  return { files: files.toSorted(), others }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const fingerprintOf = (key: KeyObject): string =>
  `sha256/${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64')}`
