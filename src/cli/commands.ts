// Every command of the CLI, in the order of the help text; `main.ts` adds those that run the gateway.

import { CERT_COMMANDS } from './cert.ts'
import { checkCommand } from './check.ts'
import type { Command } from './command.ts'
import { demo } from './demo.ts'
import { drainCommand } from './drain.ts'
import { explainCommand } from './explain.ts'
import { markingCommand } from './marking.ts'
import { PARTNER_COMMANDS } from './partner.ts'
import { POLICY_COMMANDS } from './policy.ts'
import { probeCommand } from './probe.ts'
import { quickstartCommand } from './quickstart.ts'
import { recentCommand } from './recent.ts'
import { RELATION_COMMANDS } from './relations.ts'
import { REMOTE_COMMANDS } from './remote.ts'
import { statusCommand } from './status.ts'
import { traceCommand } from './trace.ts'
import { whyCommand } from './why.ts'

export const COMMANDS: readonly Command[] = [
  quickstartCommand,
  checkCommand,
  ...CERT_COMMANDS,
  statusCommand,
  ...PARTNER_COMMANDS,
  ...RELATION_COMMANDS,
  ...REMOTE_COMMANDS,
  ...POLICY_COMMANDS,
  probeCommand,
  traceCommand,
  drainCommand,
  markingCommand,
  whyCommand,
  recentCommand,
  explainCommand,
  demo,
]
