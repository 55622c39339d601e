// Replays the negotiations of `test/cases/transcripts` against the automata: real peers' own words, whole and byte by byte.

import { deepEqual, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { initiating } from '../../../src/stream/initiating.ts'
import { receiving } from '../../../src/stream/receiving.ts'
import type { StreamEvent } from '../../../src/stream/types.ts'
import { line, Play, PROVEN } from './play.ts'

const CASES = new URL('../../cases/transcripts/', import.meta.url)
const FILES = readdirSync(CASES).filter((name) => name.endsWith('.txt'))

const EVENTS: Readonly<Record<string, StreamEvent>> = {
  connected: { kind: 'connected' },
  identified: { kind: 'identified', found: true, detail: '' },
  secured: { kind: 'secured', certificate: true },
  proven: { kind: 'verified', verdict: PROVEN },
  idle: { kind: 'idle' },
}

const MAKE = {
  initiating: () => initiating({ pair: { local: 'us.test', remote: 'peer.test' } }),
  receiving: () => receiving({ opens: () => undefined, admits: () => undefined }, 3),
} as const

function replay(file: string, cut: (text: string) => readonly string[]): void {
  const side = file.startsWith('initiating') ? 'initiating' : 'receiving'
  const play = new Play(MAKE[side]())
  const lines = readFileSync(new URL(file, CASES), 'utf8').trimEnd().split('\n')
  const played = lines.flatMap((entry) => {
    if (entry.startsWith('> ')) return []
    const what = entry.slice(2)
    const event = EVENTS[what]
    const moves = entry.startsWith('! ') && event ? [event] : cut(what)
    return [entry, ...moves.flatMap((move) => play.effects(move).map((effect) => `> ${line(effect)}`))]
  })
  deepEqual(played, lines)
}

for (const file of FILES) {
  test(`${file}, whole`, () => replay(file, (text) => [text]))
  test(`${file}, byte by byte`, () => replay(file, (text) => text.split('')))
}

test('there are transcripts of both servers, both ways', () => ok(FILES.length >= 4))
