// The `cert` commands, in the order in which one needs them.

import { certCsr } from './cert-csr.ts'
import { certImport } from './cert-import.ts'
import { certPlan } from './cert-plan.ts'
import { certRotate, certRotateUsers } from './cert-rotate.ts'
import { certShow } from './cert-show.ts'
import type { Command } from './command.ts'

export const CERT_COMMANDS: readonly Command[] = [certPlan, certCsr, certImport, certShow, certRotate, certRotateUsers]
