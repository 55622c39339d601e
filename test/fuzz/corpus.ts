// The streams that are tried every time: those that once told a difference or reached something new (`corpus/`), what hostile
// peers send, and what real ones said (`test/cases/`).

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { streamHeader } from '../../src/xml/write.ts'
import { hostileCases, hostileCores, hostileServers } from '../support/hostile.ts'
import { LIMITS_NAMES, type LimitsName } from './limits.ts'
import type { Case } from './reading.ts'

export interface Named extends Case {
  readonly name: string
}

const FOLDER = new URL('corpus/', import.meta.url)
const TRANSCRIPTS = new URL('../cases/transcripts/', import.meta.url)
const ENDING = '.xml'

/** What is kept in `corpus/`; how it is to be read is part of a file's name. */
export function corpus(): Named[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(ENDING))
    .toSorted()
    .map((file) => {
      const [name = '', limits, again] = file.slice(0, -ENDING.length).split('.')
      if (!isLimits(limits)) throw new Error(`corpus/${file}: the name does not say which limits`)
      const [, kind, after] = /^(restart|trailing)-(\d+)$/.exec(again ?? '') ?? []
      const restart = after === undefined ? undefined : { after: Number(after), trailing: kind === 'trailing' }
      return { name, limits, restart, bytes: readFileSync(new URL(file, FOLDER)) }
    })
}

/** What hostile peers send, bare and within a stream. */
export function hostile(): Named[] {
  const header = Buffer.from(streamHeader({ to: 'corp.example', from: 'partner.example', lang: 'en' }))
  return [...hostileCases(), ...hostileServers(), ...hostileCores()].flatMap(({ name, bytes }) => [
    { name, bytes, limits: 'before' as const },
    { name: `${name} within a stream`, bytes: Buffer.concat([header, bytes]), limits: 'after' as const },
  ])
}

/** Each stream that real peers said. */
export function transcripts(): Named[] {
  return readdirSync(TRANSCRIPTS)
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => {
      const said = readFileSync(new URL(file, TRANSCRIPTS), 'utf8').split('\n')
      const all = said.filter((line) => line.startsWith('< ')).map((line) => line.slice(2))
      const streams = all.join('').split(/(?=<\?xml)/)
      return streams.map((text, at) => ({ name: `${file} ${at}`, bytes: Buffer.from(text), limits: 'after' as const }))
    })
}

/** Writes a stream down; `word` says why. */
export function keep({ bytes, limits, restart }: Case, word: string): string {
  const hash = createHash('sha256').update(bytes).update(limits).digest('hex').slice(0, 10)
  const again = restart === undefined ? '' : `.${restart.trailing ? 'trailing' : 'restart'}-${restart.after}`
  const file = `${word}-${hash}.${limits}${again}${ENDING}`
  writeFileSync(new URL(file, FOLDER), bytes)
  return file
}

const isLimits = (name: string | undefined): name is LimitsName => LIMITS_NAMES.some((known) => known === name)
