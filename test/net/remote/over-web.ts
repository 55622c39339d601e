// A client over WebSocket that writes its frames by hand.

import { randomBytes } from 'node:crypto'
import type { Dialog } from '../../support/dialog.ts'
import { PATH, type Outside, type Way } from './outside.ts'
import { OURS } from './scripted-core.ts'

const UPGRADE = `GET ${PATH} HTTP/1.1\r\nHost: ${OURS}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n`
export const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${OURS}' version='1.0'/>`

/** A frame of a client: text, masked with nothing. RFC 6455 §5.2 */
export function frame(text: string): Buffer {
  const { length } = text
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 255]
  return Buffer.from([...head, 0, 0, 0, 0, ...Buffer.from(text)])
}

export const http = { ALPNProtocols: ['http/1.1'] }
/** With the handshake behind it. */
export const upgraded = async (world: Outside, way: Way, from: string): Promise<Dialog> => {
  const dialog = await world.secured(way, from, http)
  await dialog.say(UPGRADE).expect(/101 Switching Protocols[^]*\r\n\r\n/)
  return dialog
}
/** With its stream open, and offered a log-in. */
export const opened = async (world: Outside, way: Way, from: string): Promise<Dialog> => {
  const dialog = await upgraded(world, way, from)
  await dialog.say(frame(OPEN)).expect(/<\/stream:features>/)
  return dialog
}
