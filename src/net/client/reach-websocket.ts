// The client's end of a WebSocket for XMPP, for whoever tries out ours: each message one element, in and out.

import { WebSocket } from 'ws'
import { quote } from '../../stream/quote.ts'

export interface Reach {
  /** wss://… */
  readonly url: string
  /** PEM: who may vouch for the server. */
  readonly ca: string
  /** The name that its certificate must have. */
  readonly servername: string
  readonly timeoutMs: number
}

export interface Reached {
  send(message: string): void
  /** The next message; undefined: there is none any more. One waits at a time. */
  next(): Promise<string | undefined>
  close(): void
  /** Without a word. */
  cut(): void
}

const MOST_BYTES = 1_048_576

/** Resolves when the handshake is done; rejects with Node's error or what the server answered. */
export async function reachWebSocket({ url, ca, servername, timeoutMs }: Reach): Promise<Reached> {
  const tls: object = { ca, servername, rejectUnauthorized: true }
  const options = { perMessageDeflate: false, handshakeTimeout: timeoutMs, maxPayload: MOST_BYTES, ...tls }
  const websocket = new WebSocket(url, ['xmpp'], options)
  const heard: string[] = []
  let waiting: ((message: string | undefined) => void) | undefined
  let over = false
  const tell = (message: string | undefined): void => {
    const told = waiting
    waiting = undefined
    if (told) told(message)
    else if (message !== undefined) heard.push(message)
  }
  websocket.on('message', (data: Buffer) => tell(data.toString()))
  const opened = new Promise<void>((resolve, reject) => websocket.on('open', resolve).on('error', reject))
  websocket.on('close', () => {
    over = true
    tell(undefined)
  })
  await opened
  if (websocket.protocol !== 'xmpp') throw new Error(`speaks ${quote(websocket.protocol)}`)
  return {
    send: (message) => websocket.send(message),
    next: () =>
      new Promise((resolve) => {
        const message = heard.shift()
        if (message !== undefined || over) resolve(message)
        else waiting = resolve
      }),
    close: () => websocket.close(1000),
    cut: () => websocket.terminate(),
  }
}
