// Writing a file of the configuration: a temporary file beside it, flushed, takes its place in one step, so that readers
// see the old or the new.

import { randomBytes } from 'node:crypto'
import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Puts a text in the place of a file in one step, with the permissions and the owner that the file had. */
export async function writeWhole(path: string, text: string, how: 'new' | 'replace'): Promise<void> {
  const temporary = temporaryFor(path)
  try {
    await writeBeside(temporary, path, text, how)
    // A link fails where a file has appeared meanwhile; a rename would replace it.
    if (how === 'new') await link(temporary, path)
    else await rename(temporary, path)
    await flushDirectory(dirname(path))
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Hidden: whoever reads the directory meanwhile passes it by. Short: long domains must still fit. */
export function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`)
}

/** The temporary file, flushed, as it is to be at its place. */
export async function writeBeside(
  temporary: string,
  path: string,
  text: string,
  how: 'new' | 'replace',
): Promise<void> {
  const file = how === 'replace' ? await lstat(path) : undefined
  await using handle = await open(temporary, 'wx', NEW_FILE_MODE)
  if (file !== undefined) await handle.chmod(file.mode & 0o777)
  await setOwner(handle, file ?? (await lstat(dirname(path))))
  await handle.writeFile(text)
  await handle.sync()
}

const NEW_FILE_MODE = 0o640

/** An administrator may edit as root what the gateway's user is to read. Others cannot give files away and need not. */
async function setOwner(handle: FileHandle, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  const now = await handle.stat()
  if (now.uid === owner.uid && now.gid === owner.gid) return
  await handle.chown(owner.uid, owner.gid).catch(() => undefined)
}

export async function flushDirectory(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
