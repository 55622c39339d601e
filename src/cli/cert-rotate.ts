// `sallyport cert rotate-core-ca` and `rotate-users-ca`: begin the change to another CA now, before its age calls for it. They
// work on the files; a gateway that runs takes it up within a minute.

import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { openUsersCa, USERS_CA } from '../trust/card/users-ca.ts'
import { isThere } from '../trust/files.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { readSettings } from './cert-places.ts'
import { INTERNAL_CA } from './check-certificates.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'

interface Kind {
  /** As it is called: `internal CA`. */
  readonly name: string
  /** Below the installation directory. */
  readonly folder: string
  /** Whose trust it has. */
  readonly trusting: string
  open(
    place: string,
    settings: Settings,
    now: () => number,
  ): Promise<{ readonly ca: MintingCa | undefined; readonly findings: readonly CertificateFinding[] }>
}

const domainsOf = ({ domains }: Settings): readonly string[] => domains.map(({ domain }) => domain)

export const certRotate: Command = rotating('cert rotate-core-ca', {
  name: 'internal CA',
  folder: INTERNAL_CA,
  trusting: 'the core',
  open: (directory, settings, now) => openInternalCa({ directory, excludes: domainsOf(settings), now }),
})

export const certRotateUsers: Command = rotating('cert rotate-users-ca', {
  name: "users' CA",
  folder: USERS_CA,
  trusting: 'the client port of the core',
  open: (directory, settings, now) => openUsersCa({ directory, domains: domainsOf(settings), now, capacity: 1 }),
})

function rotating(name: string, kind: Kind): Command {
  return {
    name,
    about: `Make another ${kind.name}: ${kind.trusting} is to trust both for 30 days, and then the new one signs.`,
    notes: [
      `For a key that may have been copied, this is too slow: move ca.pem and ca.key of ${kind.folder}/ away, start again, and give the core the new ca.pem.`,
      'Exit code 1: such a change is under way already.',
    ],
    async run(context) {
      const { output } = context
      const ca = await openCa(context, kind)
      const rotation = await ca.rotate()
      const file = join(kind.folder, 'ca.pem')
      const begun = rotation?.phase === 'begun'
      const signsFrom = new Date(rotation?.phase === 'begun' ? rotation.signsFrom : (ca.signsFrom ?? 0)).toISOString()
      output.answer({ begun, file, signsFrom }, () => {
        output.line(begun ? `another ${kind.name} is made` : `another ${kind.name} is about to take over already`)
        output.line(
          `Let ${kind.trusting} trust ${file} as it is now, in place of its copy, before ${signsFrom.slice(0, 10)}:`,
        )
        output.line(
          'from then on what the core is shown is signed by the new CA. `sallyport status` says so until then.',
        )
      })
      return begun ? EXIT.fine : EXIT.finding
    },
  }
}

async function openCa(context: CommandContext, kind: Kind): Promise<MintingCa> {
  const { directory, now } = context
  const place = join(directory, kind.folder)
  const settings = await readSettings(context)
  if (!(await isThere(join(place, 'ca.pem'))))
    throw new CommandError(
      'not-found',
      `there is no ${kind.name} in ${place}`,
      'The first start that needs it makes it; there is nothing to change yet.',
    )
  const { ca, findings } = await kind.open(place, settings, now)
  if (ca) return ca
  throw new CommandError('faulty-certificate', findings.map(({ message }) => message).join('; '))
}
