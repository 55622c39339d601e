// Programs of other people that a contestant needs, and whether they are here.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Those that are not on the PATH, nor where Debian has servers. */
export function missingPrograms(names: readonly string[]): readonly string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const isThere = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  return names.filter((name) => !folders.some((folder) => isThere(join(folder, name))))
}
