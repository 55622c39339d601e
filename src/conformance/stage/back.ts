// The peer's own door, politely kept: a stream that the gateway opens is taken, and what comes by it is kept for the case.

import type { Element } from '@xmpp/xml'
import type { TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import type { Visit } from './door.ts'
import type { Shown, Wire } from './wire.ts'

const { SASL, TLS } = NAMESPACES
const PATIENCE_MS = 5000

interface Keeping {
  readonly peer: string
  readonly us: string
  readonly shown: Shown | undefined
  readonly answersFor: TestCase['answersFor']
}

export class Back implements Disposable {
  readonly heard: Element[] = []
  #wire: Wire | undefined

  /** Takes the stream and hears what comes, until the connection ends; or answers whether a key is one of the peer's. */
  async take({ wire, header }: Visit, { peer, us, shown, answersFor }: Keeping): Promise<void> {
    this.#wire = wire
    if (header.attributes['from'] !== us) return wire.destroy()
    const answer = (features: string): void => wire.say(answerTo(peer, us, features))
    answer(`<starttls xmlns='${TLS}'><required/></starttls>`)
    if (!(await this.#is('starttls'))) return wire.destroy()
    wire.say(`<proceed xmlns='${TLS}'/>`)
    await wire.secure({ as: 'server', shown, name: peer })
    if ((await wire.next(PATIENCE_MS))?.kind !== 'header') return wire.destroy()
    answer(`<mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`)
    const said = await wire.next(PATIENCE_MS)
    if (answersFor && said?.kind === 'element' && said.element.getName() === 'verify') {
      const id = String(said.element.attrs['id'])
      return wire.say(`<db:verify from='${peer}' to='${us}' id='${id}' type='${answersFor}'/>`)
    }
    if (said?.kind !== 'element' || said.element.getName() !== 'auth') return wire.destroy()
    wire.say(`<success xmlns='${SASL}'/>`)
    wire.restart()
    if ((await wire.next(PATIENCE_MS))?.kind !== 'header') return wire.destroy()
    answer('')
    for (let item = await wire.next(PATIENCE_MS); item?.kind !== 'closed'; item = await wire.next(PATIENCE_MS))
      if (item?.kind === 'element') this.heard.push(item.element)
  }

  async #is(name: string): Promise<boolean> {
    const item = await this.#wire?.next(PATIENCE_MS)
    return item?.kind === 'element' && item.element.getName() === name
  }

  [Symbol.dispose](): void {
    this.#wire?.destroy()
  }
}

let answered = 0

/** The header by which a server answers, with an id of its own, and the features it offers. */
export function answerTo(peer: string, us: string, features: string): string {
  answered += 1
  return `${streamHeader(peer, us, `peer-${answered}`)}<stream:features>${features}</stream:features>`
}

export const streamHeader = (from: string, to: string, id?: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='${NAMESPACES.SERVER}' xmlns:stream='${NAMESPACES.STREAMS}' xmlns:db='jabber:server:dialback' from='${from}' to='${to}'${id === undefined ? '' : ` id='${id}'`} version='1.0' xml:lang='en'>`
