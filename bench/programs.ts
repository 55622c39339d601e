// Programs of other people that a contestant needs, whether they are here, and how they come here.

import { spawnSync } from 'node:child_process'
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

const INSTALL = join(import.meta.dirname, 'install.sh')

/** Installs them all, as root or by a sudo that asks nothing. @returns why it could not, if so */
export function installPrograms(): string | undefined {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive']
  const [command, ...args] = [...asRoot, INSTALL]
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) return undefined
  return error?.message ?? `bench/install.sh ended with ${status}`
}
