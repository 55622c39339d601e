// How far the clock of this machine is off, by one question to a time server (SNTP: RFC 5905 §14, packets §7.3). Nothing is set.
//
// SECURITY: the answer is not authenticated. The time that we send is a number drawn by chance, which the answer has to repeat, so
// that nobody who does not see the question can answer it (RFC 5905 §8 knows it as the origin timestamp).

import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'
import type { AddressResolution } from './resolve.ts'

export interface TimeServer {
  readonly host: string
  readonly port: number
}

export interface TimeQuestion {
  readonly server: TimeServer
  addresses(host: string): Promise<AddressResolution>
  /** For each of the two tries. */
  readonly timeoutMs: number
  /** The clock that is looked at: milliseconds since 1970. */
  now(): number
}

export type TimeAnswer =
  | {
      readonly ok: true
      /** Positive: our clock is behind. */
      readonly offsetMs: number
      /** The truth is no further from that, as far as the server is right: half of the time that question and answer took. */
      readonly doubtMs: number
      /** How many servers lie between it and a clock. */
      readonly stratum: number
    }
  | { readonly ok: false; readonly detail: string }

export const USUAL_TIME_PORT = 123

const PACKET_BYTES = 48
const TRIES = 2
/** Leap indicator 0, version 4, mode client. RFC 5905 §7.3 */
const CLIENT = 0x23
const SERVER_MODE = 4
const UNSYNCHRONISED = 3
/** From 1900 to 1970. */
const EPOCH_S = 2_208_988_800
const ERA_S = 2 ** 32
const FURTHEST_STRATUM = 15

const failed = (detail: string): TimeAnswer => ({ ok: false, detail })

/** Asks one server. Never rejects. */
export async function askTime(o: TimeQuestion): Promise<TimeAnswer> {
  const { host } = o.server
  const found: AddressResolution = isIP(host) > 0 ? { ok: true, addresses: [host] } : await o.addresses(host)
  if (!found.ok) return failed(found.detail)
  let last = failed('no address')
  for (const address of found.addresses) {
    for (let tries = 0; tries < TRIES; tries++) {
      last = await askOnce(address, o)
      if (last.ok) return last
    }
  }
  return last
}

function askOnce(address: string, { server: { port }, timeoutMs, now }: TimeQuestion): Promise<TimeAnswer> {
  const question = Buffer.alloc(PACKET_BYTES)
  question[0] = CLIENT
  const origin = randomBytes(8)
  origin.copy(question, 40)
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const settle = (answer: TimeAnswer): void => {
      clearTimeout(timer)
      socket.removeAllListeners().on('error', () => undefined)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(() => settle(failed(`no answer within ${timeoutMs} ms`)), timeoutMs)
    let asked = now()
    socket.on('error', (error) => settle(failed(error.message)))
    socket.on('message', (packet) => {
      const heard = now()
      // Whatever does not repeat our number is no answer to this.
      if (packet.length >= PACKET_BYTES && packet.subarray(24, 32).equals(origin)) settle(judged(packet, asked, heard))
    })
    // What is connected hears of nobody else.
    socket.connect(port, address, (error?: Error) => {
      // Where there is no way to the address, that is told here and by no event.
      if (error) return settle(failed(error.message))
      asked = now()
      socket.send(question)
    })
  })
}

/** RFC 5905 §8: the offset from four times. */
function judged(packet: Buffer, asked: number, heard: number): TimeAnswer {
  const head = packet[0] ?? 0
  const stratum = packet[1] ?? 0
  if ((head & 7) !== SERVER_MODE) return failed('what answers is no time server')
  // A kiss-o'-death says why. RFC 5905 §7.4
  if (stratum === 0) return failed(`it gives no time (${packet.toString('latin1', 12, 16).replaceAll(/[^ -~]/g, '')})`)
  if (head >> 6 === UNSYNCHRONISED || stratum > FURTHEST_STRATUM) return failed('it does not know the time itself')
  const [received, sent] = [timeAt(packet, 32, heard), timeAt(packet, 40, heard)]
  const taken = Math.max(0, heard - asked - (sent - received))
  return { ok: true, offsetMs: (received - asked + (sent - heard)) / 2, doubtMs: taken / 2, stratum }
}

/** A timestamp in ms since 1970, of the era in which it is nearest to `near`. RFC 5905 §6 */
function timeAt(packet: Buffer, at: number, near: number): number {
  const seconds = packet.readUInt32BE(at) - EPOCH_S + packet.readUInt32BE(at + 4) / ERA_S
  const eras = Math.round((near / 1000 - seconds) / ERA_S)
  return (seconds + eras * ERA_S) * 1000
}
