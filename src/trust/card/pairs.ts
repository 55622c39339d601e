// A file of pairs: what is on a card, white space, the address of its holder; one pair a line. For cards that name people by
// a number that means nothing to XMPP.

import { bareAddress, parseAddress } from '../../xmpp/address.ts'
import { readText } from '../files.ts'
import { certificateFinding } from '../finding.ts'
import type { CertificateFinding } from '../finding.ts'

export interface Pairs {
  /** By `pairKey`; addresses canonical. */
  readonly pairs: ReadonlyMap<string, string>
  readonly findings: readonly CertificateFinding[]
}

/** SECURITY: letters of ASCII in any case, and else nothing is the same: some characters become others in lower case. */
export const pairKey = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const HOW = 'write what is on the card, a space, and the address: 1234567890 juliet@corp.example'

/** Reads such a file. A line that does not read is an error: one who is left out cannot tell why. */
export async function loadPairs(file: string): Promise<Pairs> {
  const read = await readText(file)
  if ('fault' in read)
    return { pairs: new Map(), findings: [certificateFinding('error', file, '', `${read.fault}; ${HOW}`)] }
  return readPairs(read.text, file)
}

/** The same, of a text. */
export function readPairs(text: string, file: string): Pairs {
  const pairs = new Map<string, string>()
  const findings: CertificateFinding[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [, key, value] = /^(\S.*?)\s+(\S+)$/u.exec(line) ?? []
    const address = value === undefined ? undefined : parseAddress(value)
    const complain = (message: string): number =>
      findings.push(certificateFinding('error', file, '', `line ${index + 1}: ${message}`))
    if (key === undefined || address?.local === undefined || address.resource !== undefined) {
      complain(`not a pair; ${HOW}`)
      continue
    }
    const known = pairs.get(pairKey(key))
    if (known === undefined) pairs.set(pairKey(key), bareAddress(address))
    else if (known !== bareAddress(address)) complain(`${key} has another address above; keep one`)
  }
  return { pairs, findings }
}
