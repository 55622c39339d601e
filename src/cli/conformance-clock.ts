// How far the clock of the host is off, for a report: by the time servers of the settings that lie where it is made, if any do.

import { join } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { clockWords, lookAtClock } from './check-clock.ts'
import type { CommandContext } from './command.ts'

/** A sentence of each server; undefined: none is named here. */
export async function clockOf({
  directory,
  now,
}: Pick<CommandContext, 'directory' | 'now'>): Promise<readonly string[] | undefined> {
  const { settings } = await loadConfig(join(directory, 'federation-config'), { now: now() })
  if (!settings || settings.clock.servers.length === 0) return undefined
  const looks = await lookAtClock({ settings, now })
  return looks.map(
    ({ server, answer }) => `${server}: ${answer.ok ? clockWords(answer) : `not known, ${answer.detail}`}`,
  )
}
