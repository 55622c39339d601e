// What reading a file of certificates or keys can run into.

import { readFile, stat } from 'node:fs/promises'

/** The code of a failed system call, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The text of an error for the operator. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The file's text, or why there is none: in words, to be followed by what to do about it. */
export async function readText(file: string): Promise<{ readonly text: string } | { readonly fault: string }> {
  try {
    return { text: await readFile(file, 'utf8') }
  } catch (error) {
    const code = errorCode(error)
    return { fault: code === 'ENOENT' ? 'no such file' : `cannot be read (${code ?? errorText(error)})` }
  }
}

/** Is there anything of that name, readable or not? */
export async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    return errorCode(error) !== 'ENOENT'
  }
}
