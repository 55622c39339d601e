// Reads the golden files of `test/cases/hostile/`; its README says what they are.

import { readFileSync } from 'node:fs'

export interface HostileCase {
  /** The file's name without its ending. */
  readonly name: string
  readonly phase: 'plain' | 'tls' | 'ready'
  /** A stream condition, `close`, `sasl:<condition>` or `stanza:<condition>`. */
  readonly condition: string
  readonly by: 'scanner' | 'stream' | 'checkpoint'
  readonly bytes: Buffer
}

/** What the templates in the files stand for. */
export interface HostileDomains {
  readonly us: string
  readonly peer: string
}

/** `limits.stanzaBytes` the set is written for. */
export const HOSTILE_STANZA_BYTES = 10_000

const FOLDER = new URL('../cases/hostile/', import.meta.url)

/** Every case, with its domains filled in. */
export function hostileCases(domains: HostileDomains = { us: 'corp.example', peer: 'partner.example' }): HostileCase[] {
  const expected: Record<string, Omit<HostileCase, 'name' | 'bytes'>> = JSON.parse(
    readFileSync(new URL('expect.json', FOLDER), 'utf8'),
  )
  return Object.entries(expected).map(([file, expectation]) => {
    const raw = readFileSync(new URL(file, FOLDER), 'latin1')
    const bytes = Buffer.from(raw.replaceAll('{{us}}', domains.us).replaceAll('{{peer}}', domains.peer), 'latin1')
    return { name: file.replace('.xml', ''), ...expectation, bytes }
  })
}
