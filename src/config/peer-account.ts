// The file that says by which account of ours the scenarios of conformance are played at a live partner.

import * as z from 'zod'
import { readYaml } from './yaml.ts'

const Domain = z.string().regex(/^[^\s"&'/:<>@]+$/, 'write it as a domain')

const PeerAccountFile = z.strictObject({
  account: z.string().regex(/^[^\s"&'/:<>@]+@[^\s"&'/:<>@]+$/, 'write it as user@partner.example'),
  password: z.string().min(1),
  /** Where the partner takes clients: `host`, `host:port` or `[address]:port`; else what its DNS says. */
  address: z.string().optional(),
  /** How the names of rooms begin that the account makes: `name@service`. */
  room: z.string().optional(),
  /** PEM files of whoever vouches for the partner's client port; else who vouches for partners. */
  anchors: z.array(z.string()).min(1).optional(),
  /** Domains of the partner that are wrong on purpose, by what is wrong with them. */
  wrong: z
    .strictObject({
      'no-tls': Domain.optional(),
      'self-signed': Domain.optional(),
      expired: Domain.optional(),
      revoked: Domain.optional(),
      'other-name': Domain.optional(),
      'unknown-ca': Domain.optional(),
      'servers-only': Domain.optional(),
      'no-responder': Domain.optional(),
      'no-intermediate': Domain.optional(),
    })
    .optional(),
})
export type PeerAccountFile = z.infer<typeof PeerAccountFile>

export type PeerAccountReading =
  | { readonly account: PeerAccountFile; readonly fault?: undefined }
  /** As the end of a sentence that begins with the name of the file. */
  | { readonly account?: undefined; readonly fault: string }

/** Never says anything that may be of the password: of text that is no YAML, and of keys of other names, the line alone. */
export function readPeerAccount(text: string): PeerAccountReading {
  const { yaml, findings } = readYaml(text, '')
  if (!yaml)
    return {
      fault: `not valid YAML${inLine(findings[0]?.line)}; put the password in quotes, and a blank after each colon`,
    }
  const read = PeerAccountFile.safeParse(yaml.value)
  if (read.success) return { account: read.data }
  const [issue] = read.error.issues
  if (issue?.code === 'unrecognized_keys')
    return { fault: `a key of another name${inLine(yaml.lineOf([issue.keys[0] ?? ''], 'key'))}` }
  const [key] = issue?.path ?? []
  if (key === 'password') return { fault: 'password: write it as text, in quotes' }
  return { fault: `${key === undefined ? '' : `${String(key)}: `}${issue?.message ?? 'not as it must be'}` }
}

const inLine = (line: number | undefined): string => (line === undefined ? '' : ` in line ${line}`)
