// The table of operations: all that can be asked of a gateway from outside. The control socket serves it, the commands
// call it; whatever is added here is there for all of them.

import { confirmCertificate } from './certificates.ts'
import { partnerConduct, partnerConductSet } from './conduct.ts'
import { explain, policyRules, recent, why } from './decisions.ts'
import { labEvents, labLogIn, labSend } from './lab.ts'
import { drain } from './drain.ts'
import { noticeAccept } from './notice.ts'
import type { Operation } from './operation.ts'
import { partnerHistory } from './partner-history.ts'
import { partnerExport, partnerImport, partnerUnimport } from './partner-import.ts'
import { partnerUndo } from './partner-undo.ts'
import {
  partnerAdd,
  partnerAllow,
  partnerBlock,
  partnerList,
  partnerRemove,
  partnerRetry,
  partnerSet,
  partnerShow,
  partnerSuspend,
} from './partners.ts'
import { probe } from './probe.ts'
import {
  remoteBlock,
  remoteEnd,
  remoteLocks,
  remoteMay,
  remoteSessions,
  remoteUnblock,
  remoteUnlock,
} from './remote.ts'
import { relationsAdd, relationsForget, relationsList } from './relations.ts'
import { reload, status } from './status.ts'
import { trace, traceBodies } from './trace.ts'

export const OPERATIONS: readonly Operation[] = [
  status,
  reload,
  drain,
  noticeAccept,
  partnerList,
  partnerShow,
  partnerAdd,
  partnerSet,
  partnerAllow,
  partnerBlock,
  partnerSuspend,
  partnerRemove,
  partnerRetry,
  partnerHistory,
  partnerUndo,
  partnerImport,
  partnerUnimport,
  partnerExport,
  partnerConduct,
  partnerConductSet,
  confirmCertificate,
  remoteSessions,
  remoteEnd,
  remoteMay,
  remoteBlock,
  remoteUnblock,
  remoteLocks,
  remoteUnlock,
  relationsAdd,
  relationsList,
  relationsForget,
  why,
  recent,
  explain,
  policyRules,
  probe,
  trace,
  traceBodies,
  labSend,
  labLogIn,
  labEvents,
]
