// Who calls a command, for what is written down of it.

import { userInfo } from 'node:os'
import process from 'node:process'

/** Whoever asks, as this machine knows them; `sudo` says who that was before. */
export function caller(): string {
  const before = process.env['SUDO_USER']
  const { username } = userInfo()
  return (before === undefined ? username : `${before} as ${username}`).slice(0, 64)
}
