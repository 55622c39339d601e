// The file that says by which account of ours the scenarios of conformance are played at a live partner.

import * as z from 'zod'
import { readYaml } from './yaml.ts'

const PeerAccountFile = z.strictObject({
  account: z.string().regex(/^[^\s"&'/:<>@]+@[^\s"&'/:<>@]+$/, 'write it as user@partner.example'),
  password: z.string().min(1),
  /** Where the partner takes clients: `host`, `host:port` or `[address]:port`; else what its DNS says. */
  address: z.string().optional(),
  /** How rooms are called that the account makes: `name@service`. */
  room: z.string().optional(),
  /** PEM files of whoever vouches for the partner's client port; else who vouches for partners. */
  anchors: z.array(z.string()).min(1).optional(),
})
export type PeerAccountFile = z.infer<typeof PeerAccountFile>

/** @param file its name, for what is said about it. @throws why it does not read; never with anything of the password */
export function readPeerAccount(text: string, file: string): PeerAccountFile {
  const { yaml, findings } = readYaml(text, file)
  const read = PeerAccountFile.safeParse(yaml?.value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const fault = findings[0]?.message ?? `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not as it must be'}`
  throw new Error(
    `${file}: ${fault.replace(/^: /, '')}. It says account and password, and may say address, room and anchors`,
  )
}
