// Files for whoever owns their folder, such as root makes them for a gateway that runs as somebody else.
//
// Rule: the owner of the folder may put a link in the place of anything in it at any moment. So nothing is given away or
//       read by its name: only what a handle holds, and a name that is there already is never followed.

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** No certificate and no key is larger. */
const MOST_BYTES = 4 * 1024 * 1024

/** Makes a file that is not there yet. @throws EEXIST */
export async function writeOwned(file: string, content: string | Buffer, mode: number): Promise<void> {
  const owner = await stat(dirname(file))
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(content)
    await give(handle, owner)
    await handle.sync()
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** Puts a file in the place of the one that may be there, at one stroke. */
export async function replaceOwned(file: string, content: string | Buffer, mode: number): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  await writeOwned(temporary, content, mode)
  try {
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * What is in a file that belongs into its folder: no link, and no second name of a file of somebody else's.
 * @throws ELOOP and other codes
 */
export async function readOwned(file: string): Promise<Buffer> {
  // Who opens a pipe would wait for its other end.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const [own, owner] = [await handle.stat(), await stat(dirname(file))]
  if (!own.isFile()) throw new Error(`${file} is no file`)
  if (own.size > MOST_BYTES) throw new Error(`${own.size} bytes in ${file} are no certificate and no key`)
  if (own.nlink > 1 && own.uid !== owner.uid)
    throw new Error(`${file} has another name elsewhere, and another owner than its folder`)
  return await handle.readFile()
}

/** Makes a folder with those above it that are missing, for the owner of the nearest that is there. */
export async function makeOwnedFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made === undefined) return
  const outermost = resolve(made)
  const owner = await stat(dirname(outermost))
  // The innermost first, while nobody else can reach it.
  for (let at = resolve(folder); ; at = dirname(at)) {
    await using handle = await openFolder(at)
    await give(handle, owner)
    if (at === outermost || at === dirname(at)) return
  }
}

/** Keeps everybody but its owner out of a folder; one that a link leads to is for whoever made the link. */
export async function closeFolder(folder: string): Promise<void> {
  if ((await lstat(folder)).isSymbolicLink()) return
  await using handle = await openFolder(folder)
  await handle.chmod(0o700)
}

function openFolder(folder: string): Promise<FileHandle> {
  return open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
}

/** Only root can give away what it has made. */
async function give(handle: FileHandle, { uid, gid }: Owner): Promise<void> {
  const own = await handle.stat()
  if (own.uid === 0 && uid !== 0) await handle.chown(uid, gid)
}
