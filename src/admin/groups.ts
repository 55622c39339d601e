// Groups of directories, looked at for `check`.

import type { Settings } from '../config/settings.ts'
import { lookAtGroups, type GroupLook } from '../gateway/groups/look.ts'

/** How each group is; without `online` only what files lack is told. */
export const groupLooks = (settings: Settings, online: boolean): Promise<readonly GroupLook[]> =>
  lookAtGroups(settings, { online })
