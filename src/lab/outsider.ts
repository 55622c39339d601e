// The remote user of the lab: somebody of ours who is not in the house, and logs in over WebSocket (RFC 7395) through the
// gateway like any client in a browser.

import type { Element } from '@xmpp/xml'
import { reachWebSocket, type Reach, type Reached } from '../net/client/reach-websocket.ts'
import { parseElement } from '../xml/element.ts'
import { parseFragment } from '../xml/fragment.ts'
import { attribute } from '../xml/write.ts'
import { NS } from '../xmpp/namespaces.ts'
import { SCRAM, ScramClient } from './scram.ts'

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind'

/** Why a log-in came to nothing, in the words of the gateway. */
export class Refused extends Error {
  /** Of SASL or of the stream; undefined: there was none. */
  readonly condition: string | undefined

  constructor(condition: string | undefined, detail: string) {
    super(detail)
    this.condition = condition
  }
}

export interface OutsiderOptions extends Reach {
  readonly domain: string
  /** Stanzas that arrive. */
  received(stanza: string): void
}

export class Outsider implements Disposable {
  readonly #reached: Reached
  /** Full. */
  readonly address: string

  private constructor(reached: Reached, address: string) {
    this.#reached = reached
    this.address = address
  }

  /** Logs in, binds an address, and is available. @throws Refused, or why there is no connection */
  static async logIn(user: string, password: string, options: OutsiderOptions): Promise<Outsider> {
    const reached = await reachWebSocket(options)
    try {
      const open = `<open xmlns='${FRAMING}'${attribute('to', options.domain)} version='1.0'/>`
      reached.send(open)
      await expect(reached, 'features')
      await prove(reached, new ScramClient(user, password))
      reached.send(open)
      await expect(reached, 'features')
      reached.send(
        `<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='${BIND}'><resource>lab</resource></bind></iq>`,
      )
      const bound = (await expect(reached, 'iq')).getChild('bind', BIND)?.getChildText('jid')
      if (!bound) throw new Refused(undefined, 'no address was bound')
      reached.send("<presence xmlns='jabber:client'/>")
      const outsider = new Outsider(reached, bound)
      void outsider.#listen(options)
      return outsider
    } catch (error) {
      reached.close()
      throw error
    }
  }

  /** One stanza, as it would stand in a client's stream. */
  send(stanza: Element): void {
    stanza.attrs['xmlns'] = NS.client
    this.#reached.send(stanza.toString())
  }

  async #listen({ received }: OutsiderOptions): Promise<void> {
    for (let said = await this.#reached.next(); said !== undefined; said = await this.#reached.next()) received(said)
  }

  [Symbol.dispose](): void {
    this.#reached.send(`<close xmlns='${FRAMING}'/>`)
    this.#reached.close()
  }
}

async function prove(reached: Reached, scram: ScramClient): Promise<void> {
  const say = (name: string, words: string, more = ''): void =>
    reached.send(`<${name} xmlns='${NS.sasl}'${more}>${Buffer.from(words).toString('base64')}</${name}>`)
  say('auth', scram.first, ` mechanism='${SCRAM}'`)
  const proof = scram.final(decode(await expect(reached, 'challenge')))
  if (proof === undefined) throw new Refused(undefined, 'the core asked for nothing that can be proven')
  say('response', proof)
  if (!scram.believes(decode(await expect(reached, 'success')))) throw new Refused(undefined, 'the core proved nothing')
}

const decode = (element: Element): string => Buffer.from(element.getText(), 'base64').toString()

/** The next element of this name; what is said before it is passed over. @throws Refused when it is a refusal */
async function expect(reached: Reached, name: string): Promise<Element> {
  for (;;) {
    const said = await reached.next()
    if (said === undefined) throw new Refused(undefined, 'the connection ended')
    const read = parseFragment(said)
    if (!read.ok) throw new Refused(undefined, read.detail)
    const element = parseElement(read.frame)
    if (read.frame.name === 'failure' || read.frame.name === 'error') {
      throw new Refused(element.getChildElements().find((child) => child.name !== 'text')?.name, said)
    }
    if (read.frame.name === name) return element
  }
}
