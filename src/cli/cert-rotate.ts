// `sallyport cert rotate-core-ca`: begins the change to another internal CA now, before its age calls for it. Works on the
// files; a gateway that runs takes it up within a minute.

import { join, relative } from 'node:path'
import { isThere } from '../trust/files.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { readSettings } from './cert-places.ts'
import { INTERNAL_CA } from './check-certificates.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'

export const certRotate: Command = {
  name: 'cert rotate-core-ca',
  about: 'Make another internal CA: the core is to trust both for 30 days, and then the new one signs.',
  notes: [
    'For a key that may have been copied, this is too slow: move ca.pem and ca.key of certs/internal-ca/ away, start again, and give the core the new ca.pem.',
    'Exit code 1: such a change is under way already.',
  ],
  async run(context) {
    const { directory, output } = context
    const ca = await openCa(context)
    const rotation = await ca.rotate()
    const file = relative(directory, join(directory, INTERNAL_CA, 'ca.pem'))
    const begun = rotation?.phase === 'begun'
    const signsFrom = new Date(rotation?.phase === 'begun' ? rotation.signsFrom : (ca.signsFrom ?? 0)).toISOString()
    output.answer({ begun, file, signsFrom }, () => {
      output.line(begun ? 'another internal CA is made' : 'another internal CA is about to take over already')
      output.line(`Let the core trust ${file} as it is now, in place of its copy, before ${signsFrom.slice(0, 10)}:`)
      output.line('from then on what the core is shown is signed by the new CA. `sallyport status` says so until then.')
    })
    return begun ? EXIT.fine : EXIT.finding
  },
}

async function openCa(context: CommandContext): Promise<MintingCa> {
  const { directory, now } = context
  const place = join(directory, INTERNAL_CA)
  const settings = await readSettings(context)
  if (!(await isThere(join(place, 'ca.pem'))))
    throw new CommandError(
      'not-found',
      `there is no internal CA in ${place}`,
      'The first start makes it; there is nothing to change yet.',
    )
  const excludes = settings.domains.map(({ domain }) => domain)
  const { ca, findings } = await openInternalCa({ directory: place, excludes, now })
  if (ca) return ca
  throw new CommandError('faulty-certificate', findings.map(({ message }) => message).join('; '))
}
