// What DNS says of the peer of a performance: the records of its case, with the places of its servers put in. The hosts at
// these places have the one address by which they are reached in this performance, unless the case says otherwise.

import { unclear } from '../ends.ts'
import { filled } from '../filling.ts'
import type { Place, ServiceAt } from '../case.ts'
import type { Door } from './door.ts'
import type { NameAnswer, NameRecord, NameTeller } from './names.ts'
import type { Performance } from './scene.ts'

/** `asked` hears of every question that is about the peer, and of its answer in words. */
export function tellerOf(
  { peer, ip, testCase }: Performance,
  door: Door,
  ours: { readonly us: string; readonly port: number },
  asked: (question: string, answer: string) => void,
): NameTeller {
  const words = { peer, us: ours.us, usual: door.at('usual')?.host ?? '' }
  const record = (said: ServiceAt | string): NameRecord => {
    if (typeof said === 'string') return filled(said, words)
    const { priority, weight, place } = said
    if (place === '.') return { priority, weight, port: 0, host: '' }
    if (place === 'gateway') return { priority, weight, port: ours.port, host: `xmpp.${ours.us}` }
    return { priority, weight, port: standingAt(door, place).port, host: `${place}.${peer}` }
  }
  const answers = new Map<string, NameAnswer>()
  const add = (question: string, answer: NameAnswer): void => void answers.set(filled(question, words), answer)
  if (testCase.dns) {
    const address = ip === 4 ? 'A' : 'AAAA'
    const other = ip === 4 ? 'AAAA' : 'A'
    for (const place of ['first', 'second', 'third', 'direct', 'dead', 'silent'] as const) {
      add(`${address} ${place}.{peer}`, [standingAt(door, place).host])
      add(`${other} ${place}.{peer}`, [])
    }
    for (const [question, told] of Object.entries(testCase.dns)) {
      const answer = typeof told === 'string' ? told : told.map(record)
      if (typeof told !== 'string' && told.includes('{usual}')) standingAt(door, 'usual')
      add(question.replace(/^address /, `${address} `), answer)
      if (question.startsWith('address ')) add(question.replace(/^address /, `${other} `), [])
    }
    if (testCase.dns['A half.{peer}']) standingAt(door, 'half')
  }
  return (question) => {
    // Of our own domains a case says something alone.
    const isOfPeer = question.endsWith(` ${peer}`) || question.endsWith(`.${peer}`)
    if (!isOfPeer && !(testCase.own && answers.has(question))) return undefined
    const answer =
      answers.get(question) ?? answers.get(question.replace(/(?<=^A+ |_tcp\.)[^.]+/, '*')) ?? 'does not exist'
    asked(question, inWords(answer))
    return answer
  }
}

/** @throws when the machine has no such place, so that the case shows nothing */
function standingAt(door: Door, place: Place): { readonly host: string; readonly port: number } {
  const standing = door.at(place)
  if (!standing) throw unclear(`this machine has no ${place} place`)
  return standing
}

const inWords = (answer: NameAnswer): string =>
  typeof answer === 'string'
    ? answer
    : answer
        .map((one) =>
          typeof one === 'string'
            ? one
            : `${one.priority} ${one.weight} ${one.port} ${one.host === '' ? '.' : one.host}`,
        )
        .join(', ') || 'no such record'
