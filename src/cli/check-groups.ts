// The part of `check` about groups of directories: can what their directories name be read, and with `--online`, is each group
// found, and would it be believed after what the gateway has read last?

import { groupLooks } from '../admin/groups.ts'
import type { Settings } from '../config/settings.ts'
import { reason } from '../xmpp/reasons.ts'
import type { Checked } from './checked.ts'
import { count } from './text.ts'

export interface GroupCheck {
  readonly settings: Settings
  /** Are directories asked? */
  readonly online: boolean
}

/** How each group is; without `online` only what files lack is told. */
export async function checkGroups({ settings, online }: GroupCheck): Promise<readonly Checked[]> {
  const looks = await groupLooks(settings, online)
  return looks.map((look): Checked => {
    const about = { area: 'groups', subject: look.name } as const
    if ('objection' in look) {
      const { reason: id } = look.objection
      return { ...about, severity: 'error', message: `${id}: ${reason(id).means} (${look.place})`, act: reason(id).act }
    }
    const { members, entries, without, example } = look.found
    const message = `${count(members.length, 'member')}, ${entries} found at ${look.host}`
    if (without === 0) return { ...about, severity: 'ok', message }
    const act = `Give them one in \`${look.attribute}\`, or narrow the filter: no wall and no rule knows them.`
    const lacking = `${message}; ${without} have no address of ours, such as ${example}`
    return { ...about, severity: 'warning', message: lacking, act }
  })
}
